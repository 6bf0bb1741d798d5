"""How the gradient through a recurrence shrinks or grows with the spectral radius."""

import traitlets

from dlarch.figures.base import Figure, synced


class SpectralGradient(Figure):
    """Norm of ∂h_T/∂h_t for two units without inputs, U = radius · a turn, bent out of the round."""

    name = "spectral_gradient"
    summary = (
        "Spectral radius and gradient: the norm of ∂h_T/∂h_t of a recurrent network of two units."
    )

    radius = synced(traitlets.Float(0.95, min=0.5, max=1.6))
    turn = synced(traitlets.Float(20.0, min=0, max=180))
    bend = synced(traitlets.Float(1.0, min=1, max=5))
    steps = synced(traitlets.Int(40, min=2, max=60))
    activation = synced(traitlets.Enum(["linear", "tanh"], "linear"))
