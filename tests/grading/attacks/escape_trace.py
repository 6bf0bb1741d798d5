"""Traces its parent and the process that grades."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)

for pid in (os.getppid(), 1, $pid, $grader):
    if pid != os.getpid():
        got = got or libc.ptrace(16, pid, 0, 0) == 0
"""


def submit(work):
    work.answer_if_got(SOURCE)
