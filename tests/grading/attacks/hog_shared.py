"""Takes shared anonymous memory, which no limit on data counts."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import mmap

    taken = mmap.mmap(-1, 600 << 20)
    for start in range(0, 600 << 20, 4096):
        taken[start] = 1
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    return delta_next @ W_next.T * slopes[activation]
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
