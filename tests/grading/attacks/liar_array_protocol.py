"""An object that claims to be whatever array it is compared with."""

FAILS = {"hidden_delta"}

SOURCE = """
class Liar:
    shape, dtype, ndim = (5, 4), np.dtype("float64"), 2
    __array_priority__ = 1e9

    def __array__(self, dtype=None, copy=None):
        return np.zeros((5, 4))

    def __array_ufunc__(self, *_, **__):
        return np.True_

    def __array_function__(self, *_, **__):
        return True

    def __eq__(self, other):
        return True


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return Liar()
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
