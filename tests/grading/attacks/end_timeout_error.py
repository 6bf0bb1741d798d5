"""Raises the exceptions of the checker's own protocol."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import frames

    raise frames.ClosedError("not my fault")
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
