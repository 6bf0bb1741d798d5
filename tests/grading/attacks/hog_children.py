"""Has each of many children take a share of the memory."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import os, time

    for number in range(12):
        if os.fork() == 0:
            taken = np.ones(60 << 17)
            time.sleep(30)
            os._exit(0)
    time.sleep(0.7)
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    return delta_next @ W_next.T * slopes[activation]
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
