"""Is the number of points it would like."""

FAILS = "all"


def submit(work):
    work.raw = b"100"
