"""Touches one byte in every two megabytes of a huge mapping: page tables take the memory."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import ctypes, mmap

    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [
        ctypes.c_void_p,
        ctypes.c_size_t,
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_long,
    ]
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    size = 150 << 30
    place = libc.mmap(None, size, 1, 0x4022, -1, 0)
    if place == ctypes.c_void_p(-1).value:
        raise MemoryError
    libc.madvise(place, size, 15)
    for offset in range(0, size, 2 << 20):
        ctypes.c_char.from_address(place + offset).value
    slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
    return delta_next @ W_next.T * slopes[activation]
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
