"""Hides control characters in the names of types and keys."""

FAILS = {"hidden_delta"}

SOURCE = r"""
odd = "\x1b[2J\r\n\x00"
raw(frame(answer(json.dumps({"dict": {odd: {"foreign": odd}}}))))
"""


def submit(work):
    work.at_the_socket(SOURCE)
