"""A structured array with a field for every purpose."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros(h.shape, dtype=[("delta", "f8"), ("points", "f8")])
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
