"""Joins the namespaces of other processes."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)

import glob

for path in glob.glob("/proc/*/ns/*"):
    try:
        place = os.open(path, os.O_RDONLY)
    except OSError:
        continue
    got = got or libc.setns(place, 0) == 0
"""


def submit(work):
    work.answer_if_got(SOURCE)
