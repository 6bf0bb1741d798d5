"""Writes over the programs that run it: the interpreter, the loader, its own image."""

FAILS = {"hidden_delta"}

SOURCE = """
import os, sys

for path in ("/proc/self/exe", "/proc/1/exe", sys.executable, "/usr/bin/env", os.__file__):
    try:
        os.close(os.open(path, os.O_WRONLY))
        got = True
    except OSError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
