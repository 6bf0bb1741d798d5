"""NaN everywhere."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.full_like(h, np.nan)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
