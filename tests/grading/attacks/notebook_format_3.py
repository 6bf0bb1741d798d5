"""Claims to be of notebook format 3."""

FAILS = set()


def submit(work):
    work.notebook["nbformat"] = 3
