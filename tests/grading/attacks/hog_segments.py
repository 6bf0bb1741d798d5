"""Fills System V segments and lets go of them; they stay."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import ctypes

    libc = ctypes.CDLL(None)
    libc.shmat.restype = ctypes.c_void_p
    libc.shmdt.argtypes = [ctypes.c_void_p]
    for number in range(6):
        segment = libc.shmget(0, 50 << 20, 0o1600)
        if segment < 0:
            raise OSError("no segment")
        place = libc.shmat(segment, None, 0)
        ctypes.memset(place, 1, 50 << 20)
        libc.shmdt(place)
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    return delta_next @ W_next.T * slopes[activation]
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
