"""Announces a frame of eight gigabytes."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(struct.pack(">II", 0xFFFFFFFF, 0xFFFFFFFF) + b"x" * 100)
"""


def submit(work):
    work.at_the_socket(SOURCE)
