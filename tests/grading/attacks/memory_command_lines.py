"""Reads the command lines of every process."""

FAILS = {"hidden_delta"}

SOURCE = """
import glob

for path in [*glob.glob("/proc/*/cmdline"), "/proc/$pid/cmdline"]:
    try:
        got = got or holds(open(path, "rb").read())
    except OSError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
