"""Raises an exception whose text never comes."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    class Endless(Exception):
        def __str__(self):
            while True:
                pass

    raise Endless
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
