"""numpy.matrix, for which * is another thing."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.matrix(np.zeros_like(h))
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
