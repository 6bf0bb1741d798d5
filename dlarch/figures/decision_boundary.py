"""A small network learns to tell two classes of points apart, live."""

import traitlets

from dlarch.figures.base import Figure, synced


class DecisionBoundary(Figure):
    """Train a 2–H–1 or 2–H–H–1 network by gradient descent on the mean cross-entropy of 100 points.

    Weights are normal with standard deviation √(gain/inputs), gain 1 for tanh and 2 for ReLU; biases are
    zero; every step uses all points. Accuracy is also measured on 400 other points.
    """

    name = "decision_boundary"
    summary = "Decision boundary: a small network trained live on moons, circles or XOR."

    data = synced(traitlets.Enum(["moons", "circles", "xor"], "moons"))
    noise = synced(traitlets.Float(0.15, min=0, max=0.4))
    hidden_layers = synced(traitlets.Enum([1, 2], 1))
    width = synced(traitlets.Int(6, min=1, max=16))
    activation = synced(traitlets.Enum(["tanh", "relu"], "tanh"))
    learning_rate = synced(traitlets.Float(1.0, min=0.01, max=10))
    seed = synced(traitlets.Int(1, min=0))
