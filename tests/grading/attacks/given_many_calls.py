"""Calls a function that was given right without end."""

GRADED = ("linear_backward", "mlp_gradients")
FAILS = {"linear_backward_db", "mlp_gradients_loss", "mlp_gradients_gradients"}

WRONG = """
def linear_backward(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.mean(axis=0)
"""

SOURCE = """
def mlp_gradients(x, labels, weights, biases, activation):
    while hasattr(linear_backward, "ask"):
        try:
            linear_backward(x, x, x.T)
        except Exception:
            pass
"""


def submit(work):
    work.answer("linear_backward", WRONG)
    work.answer("mlp_gradients", SOURCE)
