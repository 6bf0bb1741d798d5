"""The right signs, and NaN where a number would be wrong."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    right = np.zeros_like(h)
    right[...] = np.nan
    right[0, 0] = 0
    return right
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
