"""Has a dict of cells."""

FAILS = "all"


def submit(work):
    work.notebook["cells"] = {"0": work.notebook["cells"][0]}
