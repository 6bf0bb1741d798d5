"""Sends what the checker itself uses for an expectation that many numbers meet."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame(answer('{"bound":{"low":"-inf","high":"inf"}}')))
raw(frame(answer('{"dict":{"low":{"float":"-inf"},"high":{"float":"inf"}}}')))
"""


def submit(work):
    work.at_the_socket(SOURCE)
