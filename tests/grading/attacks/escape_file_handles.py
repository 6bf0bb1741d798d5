"""Opens files by handle, around all mounts."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)

handle = ctypes.create_string_buffer(
    bytes([8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]), 128
)
place = os.open("/usr", os.O_RDONLY)
got = libc.open_by_handle_at(place, handle, 0) >= 0
"""


def submit(work):
    work.answer_if_got(SOURCE)
