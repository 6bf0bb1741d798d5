"""Sends texts with half surrogate pairs, which no file can hold."""

FAILS = {"hidden_delta"}

SOURCE = r"""
raw(frame(answer(error='"Value\\ud800Error"', detail='"\\udfff"', place='"\\ud800"')))
"""


def submit(work):
    work.at_the_socket(SOURCE)
