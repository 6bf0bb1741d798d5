"""Is a list of notebooks."""

FAILS = "all"


def submit(work):
    work.raw = b"[1, 2, {}]"
