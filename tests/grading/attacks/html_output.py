"""Displays HTML, JavaScript and pictures that are not."""

FAILS = {"hidden_delta"}

SOURCE = """
from IPython.display import HTML, Javascript, SVG, display

print("<script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>")
display(
    HTML("<script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>"),
    Javascript("alert(1)"),
)
display(
    {"image/png": '"><script>alert(1)</script>', "image/svg+xml": "<svg onload=alert(1)>"},
    raw=True,
)


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
