"""Leaves its processor core for all the others."""

FAILS = {"hidden_delta"}
WALL = "not implemented"

SOURCE = """
import os

os.sched_setaffinity(0, range(os.cpu_count()))
got = True
"""


def submit(work):
    work.answer_if_got(SOURCE)
