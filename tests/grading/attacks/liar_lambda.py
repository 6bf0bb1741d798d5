"""A function that would give whatever is expected."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return lambda *_: True
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
