"""Makes a system call by the 32-bit door, whose numbers mean others."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes
import mmap

code = bytes.fromhex("b814000000cd80c3")  # getpid
page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7)
page.write(code)
at = ctypes.addressof(ctypes.c_char.from_buffer(page))
got = ctypes.CFUNCTYPE(ctypes.c_int)(at)() > 0
"""


def submit(work):
    work.answer_if_got(SOURCE)
