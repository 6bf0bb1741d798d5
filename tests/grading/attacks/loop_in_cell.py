"""Loops without end at the top of its cell."""

FAILS = {"hidden_delta"}

SOURCE = """
while True:
    pass
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
