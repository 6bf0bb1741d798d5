"""Comes with a schema of the year 3000."""

FAILS = set()


def submit(work):
    for cell in work.notebook["cells"]:
        cell["metadata"].setdefault("nbgrader", {})["schema_version"] = 3000
