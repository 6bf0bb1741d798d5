"""Sends an integer of a million digits."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame(answer("9" * 1_000_000)))
"""


def submit(work):
    work.at_the_socket(SOURCE)
