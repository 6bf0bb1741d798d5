"""Names what is not there by 150,000 letters, and raises a type with such a name."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    raise type("E" * 150_000, (NameError,), {})("name '" + "x" * 150_000 + "' is not defined")
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
