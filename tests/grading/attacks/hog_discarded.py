"""Takes shared memory without a file, which stays when its pages are given back; a little of it."""

FAILS = {"hidden_delta"}
WALL = "not implemented|No such device"

SOURCE = """
import mmap, os

zero = os.open("/dev/zero", os.O_RDWR)
refused = None
for handle in (-1, zero):
    try:
        mmap.mmap(handle, 1 << 20, mmap.MAP_SHARED)
        got = True
    except OSError as error:
        refused = error
raise refused
"""


def submit(work):
    work.answer_if_got(SOURCE)
