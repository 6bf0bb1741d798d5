"""An object whose type has a name of a megabyte."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return type("x" * 1_000_000, (), {})()
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
