"""Climbs the frames of its caller in search of the expected value."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):

    import sys

    frame = sys._getframe(1)
    while frame:
        for names in (frame.f_locals, frame.f_globals):
            for name, value in list(names.items()):
                if "expect" in name.lower() and isinstance(
                    getattr(value, "value", value), np.ndarray
                ):
                    return getattr(value, "value", value)
        frame = frame.f_back
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
