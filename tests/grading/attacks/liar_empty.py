"""Arrays of no elements: all of them are right."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros((0, *h.shape[1:]))
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
