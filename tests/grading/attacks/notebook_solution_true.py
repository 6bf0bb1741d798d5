"""Says of its checks that they are answers, and locks nothing."""

FAILS = {"hidden_delta"}


def submit(work):
    work.wrong()
    for cell in work.notebook["cells"]:
        cell["metadata"]["nbgrader"] = {
            **cell["metadata"].get("nbgrader", {}),
            "solution": True,
            "locked": False,
        }
