"""Replaces every driver by one that ignores the function."""

FAILS = {"hidden_delta"}

SOURCE = """
from dlarch import drivers

whole = drivers.find


def find(name):
    driver = whole(name)
    return lambda function, **given: (
        None if function is hidden_delta else driver(function, **given)
    )


drivers.find = find


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
