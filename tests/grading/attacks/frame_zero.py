"""Sends a frame without content."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(struct.pack(">II", 0, 0))
"""


def submit(work):
    work.at_the_socket(SOURCE)
