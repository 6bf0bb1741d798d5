"""Is a picture."""

FAILS = "all"


def submit(work):
    work.raw = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10
