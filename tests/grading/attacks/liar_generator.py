"""A generator that never ends."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import itertools

    return (value for value in itertools.count())
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
