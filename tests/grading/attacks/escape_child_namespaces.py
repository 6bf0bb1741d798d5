"""Starts children in namespaces of their own, by both calls that can; there it would have capabilities."""

FAILS = {"hidden_delta"}
WALL = "not implemented"

SOURCE = """
import ctypes, os, platform

libc = ctypes.CDLL(None, use_errno=True)
clone = {"x86_64": 56, "aarch64": 220}[platform.machine()]
for flags in (0x10000000, 0x30000000):
    child = libc.syscall(clone, flags | 17, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    if child > 0:
        os.waitpid(child, 0)
        got = True
arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
child = libc.syscall(435, arguments, 88)
if child == 0:
    os._exit(0)
got |= child > 0
raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""


def submit(work):
    work.answer_if_got(SOURCE)
