"""Makes a user namespace, in which it would be root."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)

for flag in (0x10000000, 0x10000000 | 0x00020000, 0x40000000, 0x20000000, 0x00020000):
    got = got or libc.unshare(flag) == 0
"""


def submit(work):
    work.answer_if_got(SOURCE)
