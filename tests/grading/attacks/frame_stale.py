"""Answers the question before."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame(answer(number=numbers[-1] - 1)))
"""


def submit(work):
    work.at_the_socket(SOURCE)
