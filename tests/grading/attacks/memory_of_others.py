"""Reads /proc/*/mem of every process it can see, and the one that grades."""

FAILS = {"hidden_delta"}

SOURCE = """
import os

for pid in [name for name in os.listdir("/proc") if name.isdecimal()] + [
    "$pid",
    "$grader",
]:
    if int(pid) != os.getpid():
        with open(f"/proc/{pid}/mem", "rb") as memory:
            got = True
"""


def submit(work):
    work.answer_if_got(SOURCE)
