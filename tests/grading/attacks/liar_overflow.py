"""The largest numbers there are, so that differences overflow."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.full_like(h, np.finfo(float).max)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
