"""Fills a file until nothing goes."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    with open("/tmp/flood", "wb") as file:
        while file.tell() < 1 << 30:
            file.write(b"x" * (1 << 20))
    return np.zeros_like(h) if file.tell() < 1 << 29 else h
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
