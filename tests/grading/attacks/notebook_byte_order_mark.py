"""Begins with a byte-order mark."""

FAILS = set()


def submit(work):
    work.raw = b"\xef\xbb\xbf" + __import__("json").dumps(work.notebook).encode()
