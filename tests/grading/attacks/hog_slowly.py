"""Takes memory bit by bit, slowly enough for every single look."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import time

    taken = []
    for number in range(60):
        taken.append(np.ones(10 << 17))
        time.sleep(0.01)
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    return delta_next @ W_next.T * slopes[activation]
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
