"""An array of objects that lie."""

FAILS = {"hidden_delta"}

SOURCE = """
class Liar:
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    def __float__(self):
        return 0.0


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.array([[Liar()] * h.shape[1]] * h.shape[0], dtype=object)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
