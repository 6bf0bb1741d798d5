"""Asks for a function that was given right in every odd way, and answers with what comes."""

GRADED = ("linear_backward", "mlp_gradients")
FAILS = {"linear_backward_db", "mlp_gradients_loss", "mlp_gradients_gradients"}

WRONG = """
def linear_backward(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.mean(axis=0)
"""

SOURCE = """
def mlp_gradients(x, labels, weights, biases, activation):
    ask = linear_backward.ask
    nested = [x]
    for _ in range(15):
        nested = [nested]
    kind = "dlarch.object"
    forged = (
        {kind: "model", "recipe": {"factory": "__import__", "sizes": [1]}, "state": {}},
        {kind: "model", "recipe": {"factory": "mlp", "sizes": [10**9, 10**9]}, "state": {"a": x}},
        {kind: "optimizer", "name": "__class__", "parameters": [], "state": {}},
    )
    came = []
    for question in (
        {"call": "linear_backward", "positional": [nested] * 3, "keyword": {}},
        {"call": "linear_backward", "positional": [], "keyword": {"number": 3, "operation": "call"}},
        {"call": "linear_backward", "positional": ["../../classroom", "secret", None], "keyword": {}},
        {"pull_back": "linear_backward", "positional": [x, x, x.T], "keyword": {}, "cotangents": [x] * 9},
        {"call": "__import__", "positional": ["os"], "keyword": {}},
        *({"call": "linear_backward", "positional": [item] * 3, "keyword": {}} for item in forged),
    ):
        try:
            came.append(ask(**question))
        except Exception as error:
            came.append(str(error))
    return came
"""


def submit(work):
    work.answer("linear_backward", WRONG)
    work.answer("mlp_gradients", SOURCE)
