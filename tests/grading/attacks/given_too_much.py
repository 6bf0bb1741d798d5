"""Calls a function that was given right with little that makes a lot: 50 GiB of products."""

GRADED = ("linear_backward", "mlp_gradients")
FAILS = {"linear_backward_db", "mlp_gradients_loss", "mlp_gradients_gradients"}

WRONG = """
def linear_backward(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.mean(axis=0)
"""

SOURCE = """
def mlp_gradients(x, labels, weights, biases, activation):
    wide = np.ones((1, 82_000))
    for _ in range(3):
        linear_backward(wide, wide, wide.T)
"""


def submit(work):
    work.answer("linear_backward", WRONG)
    work.answer("mlp_gradients", SOURCE)
