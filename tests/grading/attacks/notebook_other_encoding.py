"""Is written in UTF-16."""

FAILS = "all"


def submit(work):
    work.raw = __import__("json").dumps(work.notebook).encode("utf-16")
