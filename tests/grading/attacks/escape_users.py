"""Becomes root, or somebody else."""

FAILS = {"hidden_delta"}

SOURCE = """
import os

for change in (
    lambda: os.setuid(0),
    lambda: os.setgid(0),
    lambda: os.setgroups([0]),
    lambda: os.setresuid(0, 0, 0),
    lambda: os.chown("/tmp", 0, 0),
    lambda: os.seteuid(0),
):
    try:
        change()
        got = True
    except OSError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
