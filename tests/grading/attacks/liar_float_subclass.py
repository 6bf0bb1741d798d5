"""A float with arithmetic of its own."""

FAILS = {"hidden_delta"}

SOURCE = """
class Liar(float):
    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__

    def __abs__(self):
        return 0.0

    def __repr__(self):
        return '0.0}}, "points": {"a": 2'

    def __float__(self):
        return 0.0


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return [[Liar(0.5)] * h.shape[1]] * h.shape[0]
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
