"""Patches isfinite and isnan so that NaN looks like a number, and answers NaN."""

FAILS = {"hidden_delta"}

SOURCE = """
np.isfinite = lambda value, **_: np.ones(np.shape(value), bool)
np.isnan = lambda value, **_: np.zeros(np.shape(value), bool)


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
