"""Makes semaphores of System V, which belong to no process and are counted as nobody's memory."""

FAILS = {"hidden_delta"}
WALL = "not implemented"

SOURCE = """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
made = [libc.semget(0, 1000, 0o600) for _ in range(10)]
got = any(number >= 0 for number in made)
raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""


def submit(work):
    work.answer_if_got(SOURCE)
