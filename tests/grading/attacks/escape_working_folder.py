"""Climbs out by folders that were open before the root changed."""

FAILS = {"hidden_delta"}

SOURCE = """
import os

for number in range(3, 20):
    try:
        os.fchdir(number)
        for _ in range(20):
            os.chdir("..")
        got = got or os.path.exists("$classroom".lstrip("/"))
    except OSError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
