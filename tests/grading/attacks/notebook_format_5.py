"""Claims to be of notebook format 5."""

FAILS = set()


def submit(work):
    work.notebook["nbformat"] = 5
