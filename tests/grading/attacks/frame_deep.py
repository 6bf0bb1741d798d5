"""Nests lists a hundred thousand deep."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame("[" * 100_000 + "]" * 100_000))
"""


def submit(work):
    work.at_the_socket(SOURCE)
