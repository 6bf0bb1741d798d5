"""Sends JSON as UTF-16 and UTF-32."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame(answer().encode("utf-16")))
raw(frame(answer().encode("utf-32-le")))
"""


def submit(work):
    work.at_the_socket(SOURCE)
