"""Sends a list, a number and null in place of a message."""

FAILS = {"hidden_delta"}

SOURCE = """
for content in ("[]", "1", "null", '{"list":[]}', '"pass"', '{"float":"nan"}'):
    raw(frame(content))
"""


def submit(work):
    work.at_the_socket(SOURCE)
