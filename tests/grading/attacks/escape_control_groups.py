"""Writes to control groups, to run a program of its own outside."""

FAILS = {"hidden_delta"}

SOURCE = """
import glob, os

for folder in ("/sys/fs/cgroup", "/sys/fs/cgroup/memory", *glob.glob("/sys/fs/cgroup/*")):
    try:
        os.mkdir(folder + "/hostile")
        got = True
    except OSError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
