"""An array of a terabyte that takes eight bytes."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.lib.stride_tricks.as_strided(np.zeros(1), (10**6, 10**5), (0, 0))
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
