"""Gives one value two kinds, or none."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame(answer('{"list":[],"dict":{}}')))
raw(frame(answer("{}")))
"""


def submit(work):
    work.at_the_socket(SOURCE)
