"""Is an empty file."""

FAILS = "all"


def submit(work):
    work.raw = b""
