"""Returns a dict whose keys are HTML."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    return {"<img src=x onerror=alert(1)>": 1, "</td><script>alert(1)</script>": h}
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
