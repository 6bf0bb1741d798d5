"""Changes the inputs of calls that are still to come, through the worker's frames."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import sys

    frame = sys._getframe()
    while frame:
        for name, value in list(frame.f_locals.items()):
            if isinstance(value, dict):
                for array in value.values():
                    if isinstance(array, np.ndarray):
                        array[...] = 0
        frame = frame.f_back
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
