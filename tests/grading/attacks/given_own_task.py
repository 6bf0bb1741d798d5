"""Asks for the very function that is the task, through one that was given right."""

GRADED = ("linear_backward", "mlp_gradients")
FAILS = {"linear_backward_db", "mlp_gradients_loss", "mlp_gradients_gradients"}

WRONG = """
def linear_backward(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.mean(axis=0)
"""

SOURCE = """
def mlp_gradients(x, labels, weights, biases, activation):
    arguments = [x, labels, weights, biases, activation]
    return linear_backward.ask(call="mlp_gradients", positional=arguments, keyword={})
"""


def submit(work):
    work.answer("linear_backward", WRONG)
    work.answer("mlp_gradients", SOURCE)
