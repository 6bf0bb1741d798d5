"""Displays a verdict of its own in the checker's MIME type."""

FAILS = {"hidden_delta"}

SOURCE = """
from IPython.display import display

verdict = {"id": "hidden_delta", "points": 2.0, "max_points": 2.0, "status": "pass", "rows": []}
display({"application/vnd.dlarch.verdict+json": verdict, "text/html": "passed"}, raw=True)


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
