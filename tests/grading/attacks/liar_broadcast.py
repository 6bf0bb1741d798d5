"""One number, to be broadcast against the expected array."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.float64(0.1)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
