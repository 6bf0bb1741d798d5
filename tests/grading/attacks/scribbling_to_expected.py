"""Sets its inputs so that a checker which computes afterwards gets zeros too."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    for array in (delta_next, W_next, h, h_next):
        array[...] = 0
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
