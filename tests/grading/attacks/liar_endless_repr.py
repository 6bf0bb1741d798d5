"""A value whose length, text and truth never come."""

FAILS = {"hidden_delta"}

SOURCE = """
class Liar(dict):
    def items(self):
        while True:
            pass

    __len__ = __repr__ = __iter__ = items


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return Liar(a=1)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
