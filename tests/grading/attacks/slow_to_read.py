"""A cell of a few thousand lines in IPython's own syntax, which its transformer reads for minutes."""

FAILS = "all"
WALL = "did not finish within|takes? too long to read"


def submit(work):
    work.before("hidden_delta", "%a\n" * 3000)
