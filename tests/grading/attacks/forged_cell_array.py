"""Has its cell answer with arrays in place of texts and outputs."""

FAILS = {"hidden_delta"}

SOURCE = """
import sys

run_cell = sys.modules["worker"]._run_cell


def run(*given):
    found = run_cell(*given)
    return {"error": np.zeros(2), "detail": np.ones(3), "outputs": np.zeros(2), "stdout": [1]}


sys.modules["worker"]._run_cell = run


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
