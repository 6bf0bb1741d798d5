"""Raises KeyboardInterrupt at the top of its cell."""

FAILS = {"hidden_delta"}

SOURCE = """
raise KeyboardInterrupt
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
