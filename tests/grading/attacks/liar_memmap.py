"""An array mapped from a file that is cut short afterwards, so that reading it is a bus error."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import os

    value = np.memmap("/tmp/hostile", dtype="f8", mode="w+", shape=(512 * 64,))
    os.truncate("/tmp/hostile", 0)
    return value
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
