"""Raises GeneratorExit and StopIteration."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    raise GeneratorExit from StopIteration()
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
