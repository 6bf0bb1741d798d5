"""A str that equals every other."""

FAILS = {"hidden_delta"}

SOURCE = """
class Liar(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__

    def encode(self, *_):
        return b"pass"


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return Liar("delta")
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
