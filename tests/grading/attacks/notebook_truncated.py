"""Is cut off in the middle."""

FAILS = "all"


def submit(work):
    whole = __import__("json").dumps(work.notebook).encode()
    work.raw = whole[: len(whole) // 2]
