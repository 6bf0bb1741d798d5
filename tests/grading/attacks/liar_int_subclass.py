"""An int whose text is other JSON."""

FAILS = {"hidden_delta"}

SOURCE = """
class Liar(int):
    def __repr__(self):
        return '1}, "points": 2'

    __str__ = __repr__

    def __index__(self):
        return 10**400


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return Liar(1)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
