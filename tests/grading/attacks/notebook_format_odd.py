"""Claims to be of the format NaN, in a field of the wrong type."""

FAILS = set()


def submit(work):
    work.notebook["nbformat"] = float("nan")
