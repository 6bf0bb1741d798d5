"""Ends the process at the top of its cell."""

FAILS = {"hidden_delta"}

SOURCE = """
import os

os._exit(0)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
