"""Answers a question that was not asked yet."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame(answer(number=numbers[-1] + 1)))
"""


def submit(work):
    work.at_the_socket(SOURCE)
