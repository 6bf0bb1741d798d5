"""An array of raw bytes, a pickle among them."""

FAILS = {"hidden_delta"}

SOURCE = r"""
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.full(h.shape, b'cos\nsystem\n(S"true"\ntR.', dtype="S30")
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
