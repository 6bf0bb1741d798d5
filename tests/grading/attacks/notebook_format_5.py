"""Claims to be of notebook format 5."""

FAILS = "all"


def submit(work):
    work.notebook["nbformat"] = 5
