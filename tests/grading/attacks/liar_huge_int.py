"""An integer of a hundred thousand digits."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return 10**100_000
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
