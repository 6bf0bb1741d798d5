"""Hides half surrogate pairs in keys and names of types."""

FAILS = {"hidden_delta"}

SOURCE = r"""
raw(frame(answer('{"dict":{"\\ud800":{"foreign":"\\udfff"}}}')))
"""


def submit(work):
    work.at_the_socket(SOURCE)
