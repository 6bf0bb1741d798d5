"""An object whose __array_interface__ points at somebody else's memory."""

FAILS = {"hidden_delta"}

SOURCE = """
class Liar:
    def __init__(self, h):
        self.__array_interface__ = {
            "shape": h.shape,
            "typestr": "<f8",
            "data": (id(h), False),
            "version": 3,
        }


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return Liar(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
