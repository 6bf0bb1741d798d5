"""Clones itself into new namespaces."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)

child = libc.syscall(56, 0x10000000 | 0x00020000 | 17, 0, 0, 0, 0)
if child == 0:
    os._exit(0)
got = child > 0
"""


def submit(work):
    work.answer_if_got(SOURCE)
