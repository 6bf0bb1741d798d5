"""How the gradient's norm changes from the last layer to the first."""

import traitlets

from dlarch.figures.base import Figure, synced


class GradientNormDepth(Figure):
    """Norm of δ⁽ˡ⁾ = ∂E/∂a⁽ˡ⁾ for each layer; weights are random with standard deviation gain/√width."""

    name = "gradient_norm_depth"
    summary = "Gradient norm by layer: how much gradient reaches the first layer of a deep network."

    depth = synced(traitlets.Int(12, min=2, max=30))
    activation = synced(traitlets.Enum(["sigmoid", "tanh", "relu"], "sigmoid"))
    gain = synced(traitlets.Float(1.0, min=0.25, max=4))
    width = synced(traitlets.Int(24, min=1, max=64))
    seed = synced(traitlets.Int(7, min=0))
