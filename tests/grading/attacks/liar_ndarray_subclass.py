"""An ndarray whose operators and shape lie."""

FAILS = {"hidden_delta"}

SOURCE = """
class Liar(np.ndarray):
    def __eq__(self, other):
        return np.ones(np.shape(other), bool)

    def __sub__(self, other):
        return np.zeros(np.shape(other))

    __rsub__ = __sub__

    def __array_finalize__(self, other):
        pass

    def __array_ufunc__(self, *_, **__):
        return np.zeros((5, 4))

    def tobytes(self, *_):
        return b""

    def astype(self, *_, **__):
        return self

    def copy(self, *_):
        return self


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h).view(Liar)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
