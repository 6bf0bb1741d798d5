"""Unmounts what hides things."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)

for place in (
    b"/tmp",
    b"/proc",
    b"/proc/sys",
    b"/home/learner",
    b"/dev/shm",
    b"/course/worker",
    b"/",
):
    got = got or libc.umount2(place, 2) == 0
"""


def submit(work):
    work.answer_if_got(SOURCE)
