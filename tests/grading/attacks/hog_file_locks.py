"""Locks byte after byte of a file: each lock is the kernel's memory, which nobody counts."""

FAILS = {"hidden_delta"}
WALL = "unction not implemented"

SOURCE = """
import fcntl

with open("/tmp/locked", "wb") as file:
    for place in range(0, 2000, 2):
        fcntl.lockf(file, fcntl.LOCK_EX, 1, place)
got = True
"""


def submit(work):
    work.answer_if_got(SOURCE)
