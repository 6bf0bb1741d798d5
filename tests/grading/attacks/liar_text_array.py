"""The numbers as texts."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return h.astype(str)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
