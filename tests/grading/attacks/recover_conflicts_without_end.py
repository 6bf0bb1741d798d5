"""Begins thousands of Git's conflicts and ends none, before megabytes of lines."""

FAILS = "all"


def submit(work):
    work.raw = b"{\n" + b"<<<<<<< HEAD\n" * 5_000 + b"x\n" * 10_000_000
