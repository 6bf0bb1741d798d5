"""Fills pipes and sockets, whose memory is the kernel's."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import fcntl, os, socket

    taken = []
    filled = 0
    try:
        while filled < 300 << 20:
            pair = os.pipe()
            fcntl.fcntl(pair[1], 1031, 1 << 20)
            os.set_blocking(pair[1], False)
            taken.append(pair)
            filled += os.write(pair[1], b"x" * (1 << 20))
    except OSError:
        raise MemoryError from None
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    return delta_next @ W_next.T * slopes[activation]
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
