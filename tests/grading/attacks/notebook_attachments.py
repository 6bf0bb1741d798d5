"""Has attachments of HTML on cells that cannot have any."""

FAILS = set()


def submit(work):
    for cell in work.notebook["cells"]:
        cell["attachments"] = {
            "<script>": {"text/html": "<script>alert(1)</script>"},
            "a.png": {"image/png": 1},
        }
