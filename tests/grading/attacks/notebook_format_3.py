"""Claims to be of notebook format 3."""

FAILS = "all"


def submit(work):
    work.notebook["nbformat"] = 3
