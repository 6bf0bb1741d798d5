"""Returns a text of a hundred megabytes."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return "x" * (100 << 20)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
