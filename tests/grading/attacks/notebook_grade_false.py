"""Says of every check that it is not graded."""

FAILS = {"hidden_delta"}


def submit(work):
    work.wrong()
    for cell in work.notebook["cells"]:
        cell["metadata"].setdefault("nbgrader", {})["grade"] = False
