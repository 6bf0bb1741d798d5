"""Starts threads with large stacks."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import threading, time

    threading.stack_size(60 << 20)
    for number in range(30):
        threading.Thread(
            target=lambda: (np.ones(40 << 17), time.sleep(20)), daemon=True
        ).start()
    time.sleep(0.5)
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    return delta_next @ W_next.T * slopes[activation]
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
