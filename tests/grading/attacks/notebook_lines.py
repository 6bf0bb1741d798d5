"""Has its sources as lists of lines."""

FAILS = set()


def submit(work):
    for cell in work.notebook["cells"]:
        cell["source"] = (
            cell["source"].splitlines(keepends=True)
            if isinstance(cell["source"], str)
            else cell["source"]
        )
