"""Seven activation functions with their slopes, and what becomes of a product of slopes."""

import traitlets

from dlarch.figures.base import Figure, synced


class ActivationFunctions(Figure):
    """Curve and derivative of an activation at a movable x; products of slopes through `depth` layers.

    `leak` is the slope of the leaky ReLU below zero; the hard threshold is 1 from 0 on.
    """

    name = "activation_functions"
    summary = (
        "Activation functions: curve, derivative, and the product of slopes through many layers."
    )

    activation = synced(
        traitlets.Enum(
            ["sigmoid", "tanh", "relu", "threshold", "identity", "leaky_relu", "softplus"],
            "sigmoid",
        )
    )
    x = synced(traitlets.Float(1.0, min=-6, max=6))
    depth = synced(traitlets.Int(10, min=1, max=30))
    leak = synced(traitlets.Float(0.1, min=0, max=1))
