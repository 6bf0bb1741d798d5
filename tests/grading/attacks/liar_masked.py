"""A masked array, all of which is masked."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.ma.masked_all(h.shape)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
