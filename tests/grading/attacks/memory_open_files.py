"""Reads every file descriptor that was left open."""

FAILS = {"hidden_delta"}

SOURCE = """
import os

for number in range(4, 1 << 12):
    try:
        os.fstat(number)
        os.set_blocking(number, False)
        got = got or holds(os.pread(number, 1 << 20, 0))
    except OSError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
