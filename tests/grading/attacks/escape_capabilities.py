"""Takes capabilities back, and unlocks what was locked."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)

header = (ctypes.c_uint32 * 2)(0x20080522, 0)
got = libc.capset(header, (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)) == 0
got = got or libc.prctl(47, 2, 21, 0, 0) == 0 or libc.prctl(38, 0, 0, 0, 0) == 0
"""


def submit(work):
    work.answer_if_got(SOURCE)
