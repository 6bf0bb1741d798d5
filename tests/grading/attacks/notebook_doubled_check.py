"""Has a check twice, which aborts a whole batch of stock nbgrader."""

FAILS = set()


def submit(work):
    work.notebook["cells"].append(work.cell("test_hidden_delta"))
