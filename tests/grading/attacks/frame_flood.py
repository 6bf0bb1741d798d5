"""Sends a flood of bytes that are no frames."""

FAILS = {"hidden_delta"}

SOURCE = r"""
for number in range(200):
    raw(b"\xff" * (1 << 20))
"""


def submit(work):
    work.at_the_socket(SOURCE)
