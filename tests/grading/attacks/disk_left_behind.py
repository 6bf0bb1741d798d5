"""Looks for what an earlier submission left behind."""

FAILS = {"hidden_delta"}

SOURCE = """
import glob, os

got = bool(
    glob.glob("/tmp/left*") + glob.glob("/dev/shm/*") + glob.glob(os.path.expanduser("~/*"))
)
"""


def submit(work):
    work.answer_if_got(SOURCE)
