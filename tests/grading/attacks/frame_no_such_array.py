"""Refers to arrays that are not there."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame(answer('{"array":"../../secret"}')))
"""


def submit(work):
    work.at_the_socket(SOURCE)
