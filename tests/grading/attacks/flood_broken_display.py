"""Displays an object whose representation fails."""

FAILS = set()

SOURCE = """
from IPython.display import display


class Slow:
    def _repr_html_(self):
        raise ValueError("no picture")


display(Slow())
"""


def submit(work):
    work.before("hidden_delta", SOURCE)
