"""Looks through sys.modules for the staff's package."""

FAILS = {"hidden_delta"}

SOURCE = """
import sys

got = any(name.split(".")[0] in ("autograder", "nbgrader") for name in sys.modules)
"""


def submit(work):
    work.answer_if_got(SOURCE)
