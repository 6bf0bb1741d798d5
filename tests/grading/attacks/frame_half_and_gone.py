"""Sends half a frame and ends."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame(answer())[:-20])
"""


def submit(work):
    work.at_the_socket(SOURCE)
