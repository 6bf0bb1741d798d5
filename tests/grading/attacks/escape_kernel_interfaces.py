"""Uses doors of the kernel that have led out before: bpf, perf events, modules."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)

attributes = ctypes.create_string_buffer(128)
for number in (321, 298, 175, 313, 246, 153, 167):
    if number != 246:
        got = got or libc.syscall(number, 0, attributes, 128, 0, 0) > 0
"""


def submit(work):
    work.answer_if_got(SOURCE)
