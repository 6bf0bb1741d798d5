"""Reads the environment of every process: secrets are kept there."""

FAILS = {"hidden_delta"}

SOURCE = """
import glob

for path in [*glob.glob("/proc/*/environ"), "/proc/1/environ", "/proc/$pid/environ"]:
    try:
        got = got or holds(open(path, "rb").read())
    except OSError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
