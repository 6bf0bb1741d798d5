"""Numbers dressed as dates."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros(h.shape, dtype="datetime64[s]")
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
