"""A dict that names every output it can think of."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return {
        name: np.zeros_like(h)
        for name in ("delta", "result", "value", "expected", "error", "points")
    }
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
