"""A dict that has every key and says what it is asked for."""

FAILS = {"hidden_delta"}

SOURCE = """
class Liar(dict):
    def __missing__(self, key):
        return True

    def __contains__(self, key):
        return True

    def keys(self):
        return {"delta", "error", "points", "status"}

    def items(self):
        return iter([("delta", 1), ("status", "pass"), (1, 2)])

    def values(self):
        return iter([])

    def __iter__(self):
        return iter(["delta"])


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return Liar(points=2)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
