"""A list that holds itself."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    value = []
    value.append(value)
    return value
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
