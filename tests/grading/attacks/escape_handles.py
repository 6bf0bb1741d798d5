"""Opens other processes by pidfd and takes their files."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)

for pid in (os.getppid(), $pid, $grader):
    if pid in (0, os.getpid()):
        continue
    try:
        handle = os.pidfd_open(pid)
        got = got or libc.syscall(438, handle, 1, 0) >= 0
    except OSError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
