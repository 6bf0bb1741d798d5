"""Is a notebook of more than it may."""

FAILS = "all"


def submit(work):
    work.raw = b" " * (33 << 20) + b"{}"
