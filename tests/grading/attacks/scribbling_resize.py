"""Resizes its inputs in place."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    for array in (delta_next, W_next, h, h_next):
        array.resize((0,), refcheck=False)
    return np.zeros((0,))
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
