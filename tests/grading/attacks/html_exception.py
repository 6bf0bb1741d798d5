"""Raises an exception with HTML in its text."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    raise ValueError(
        "<script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>"
    )
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
