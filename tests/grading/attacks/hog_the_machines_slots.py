"""Takes what there is of once for the whole machine or account: asynchronous input and output, watches."""

FAILS = {"hidden_delta"}
WALL = "not implemented"

SOURCE = """
import ctypes, os, platform

numbers = {"x86_64": (206, 294), "aarch64": (0, 26)}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)
context = ctypes.c_ulong(0)
got = libc.syscall(numbers[0], 100, ctypes.byref(context)) >= 0 or libc.syscall(numbers[1], 0) >= 0
raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""


def submit(work):
    work.answer_if_got(SOURCE)
