"""Moves the root of its file system, by chroot and pivot_root."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)

os.makedirs("/tmp/r", exist_ok=True)
got = libc.syscall(155, b"/tmp/r", b"/tmp/r") == 0
os.chroot("/tmp/r")
got = True
"""


def submit(work):
    work.answer_if_got(SOURCE)
