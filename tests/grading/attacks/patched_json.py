"""Patches the json module of the worker so that it writes Python literals."""

FAILS = {"hidden_delta"}

SOURCE = """
import json

whole, ARMED = json.dumps, []
json.dumps = lambda value, **given: repr(value) if ARMED else whole(value, **given)


def hidden_delta(delta_next, W_next, h, h_next, activation):
    ARMED.append(1)
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
