"""Sends texts that move a terminal's cursor, retitle its window and end a line."""

FAILS = {"hidden_delta"}

SOURCE = r"""
odd = "\x1b[2J\x1b]0;graded\x07\r\n\x00\u202epassed"
raw(frame(answer(error=json.dumps(odd), detail=json.dumps(odd * 50), place=json.dumps(odd))))
"""


def submit(work):
    work.at_the_socket(SOURCE)
