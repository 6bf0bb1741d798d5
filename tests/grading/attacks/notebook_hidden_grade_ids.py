"""Has ids that are HTML, numbers, lists and dicts."""

FAILS = set()


def submit(work):
    for number, cell in enumerate(work.notebook["cells"]):
        if cell["id"].startswith("cell-"):
            cell["id"] = ["<script>alert(1)</script>", 7, [], {}, None, "x" * 100_000][number % 6]
            cell["metadata"]["nbgrader"] = {
                "grade_id": [{}, 1.5, "<img src=x onerror=alert(1)>"][number % 3]
            }
