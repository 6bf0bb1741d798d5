"""Reads the memory of another process by process_vm_readv."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes

libc = ctypes.CDLL(None)


class Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


buffer = ctypes.create_string_buffer(16)
for start in range(0x400000, 0x500000, 0x10000):
    ours, theirs = Span(ctypes.addressof(buffer), 16), Span(start, 16)
    if libc.process_vm_readv($pid, ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0) > 0:
        got = True
"""


def submit(work):
    work.answer_if_got(SOURCE)
