"""Eight optimisers race down a loss surface of two parameters."""

import traitlets

from dlarch.figures.base import Figure, synced

OPTIMIZERS = [
    "sgd",
    "momentum",
    "nesterov",
    "adagrad",
    "rmsprop",
    "adadelta",
    "adam",
    "adamw",
]


class LossSurface(Figure):
    """Full-gradient descent from one start on E(w₁, w₂): a valley, a saddle, or two minima.

    Momentum and Nesterov 0.9, as PyTorch writes them; RMSProp decay 0.9; Adadelta decay 0.95, ε = 10⁻⁶,
    no learning rate; Adam and AdamW β₁ = 0.9, β₂ = 0.999; AdamW weight decay 0.1; ε = 10⁻⁸ elsewhere.
    """

    name = "loss_surface"
    summary = "Loss surface: eight optimisers race from one start, with the loss against the step."

    surface = synced(traitlets.Enum(["valley", "saddle", "two_minima"], "valley"))
    learning_rate = synced(traitlets.Float(0.1, min=0.001, max=2))
    start = synced(traitlets.List(traitlets.Float(), [-3.2, 2.2], minlen=2, maxlen=2))
    step = synced(traitlets.Int(60, min=0, max=400))
    optimizers = synced(traitlets.List(traitlets.Enum(OPTIMIZERS), OPTIMIZERS))
