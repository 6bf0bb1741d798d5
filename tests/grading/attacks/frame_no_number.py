"""Sends a message without a number."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame('{"dict":{"value":null}}'))
"""


def submit(work):
    work.at_the_socket(SOURCE)
