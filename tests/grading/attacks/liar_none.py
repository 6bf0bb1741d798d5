"""None, as if nothing had been asked."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return None
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
