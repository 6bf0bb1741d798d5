"""Sends JSON that takes twenty times its size when read."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame("[" + "[]," * 2_600_000 + "1]"))
"""


def submit(work):
    work.at_the_socket(SOURCE)
