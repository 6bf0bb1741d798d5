"""Names thousands of changed arguments, some of which are no texts."""

FAILS = {"hidden_delta"}

SOURCE = """
import sys

worker = sys.modules["worker"]
whole = worker._run


def run(function, driver, arguments):
    found = whole(function, driver, arguments)
    if function is hidden_delta:
        found["modified"] = [1, None, [], {}, np.zeros(2), "<script>", "h"] + ["h"] * 5000
    return found


worker._run = run


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
