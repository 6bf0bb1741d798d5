"""Returns an array that is larger than any answer may be."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.ones(3 << 20)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
