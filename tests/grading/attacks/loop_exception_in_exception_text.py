"""Raises an exception whose text raises another."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    class Broken(Exception):
        def __str__(self):
            raise Broken

        __repr__ = __str__

    raise Broken
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
