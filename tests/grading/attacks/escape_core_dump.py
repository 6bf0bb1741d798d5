"""Dumps its core, to fill the machine's disk."""

FAILS = {"hidden_delta"}

SOURCE = """
import os, resource

resource.setrlimit(resource.RLIMIT_CORE, (1 << 40, 1 << 40))
os.abort()
"""


def submit(work):
    work.answer_if_got(SOURCE)
