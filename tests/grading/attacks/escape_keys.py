"""Reads the keyrings of the account that grades."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)

for keyring in (-3, -4, -5):
    serial = libc.syscall(250, 0, keyring, 0, 0, 0)
    buffer = ctypes.create_string_buffer(4096)
    length = libc.syscall(250, 11, keyring, buffer, 4096, 0)
    got = got or length > 16
got = got and holds(buffer.raw)
"""


def submit(work):
    work.answer_if_got(SOURCE)
