"""Feed forward, error, back-propagation, gradients, update: one small network with its numbers."""

import traitlets

from dlarch.figures.base import Figure, synced


class BackpropagationStepper(Figure):
    """Step through gradient descent on E = ½ Σₖ (oₖ − tₖ)² for one example.

    Hidden and output units use the same activation; weights are indexed [from][to], and the network takes
    the part of `w1` (2×3), `b1` (3), `w2` (3×2), `b2` (2), `t` (2) that it needs.
    """

    name = "backpropagation_stepper"
    summary = (
        "Backpropagation stepper: feed forward, error, δs, gradients and update of a small network."
    )

    network = synced(traitlets.Enum(["2-2-1", "2-2-2", "2-3-2"], "2-2-2"))
    activation = synced(traitlets.Enum(["sigmoid", "tanh"], "sigmoid"))
    x = synced(traitlets.List(traitlets.Float(), [1.0, 0.5], minlen=2, maxlen=2))
    t = synced(traitlets.List(traitlets.Float(), [0.9, 0.2], minlen=2, maxlen=2))
    learning_rate = synced(traitlets.Float(1.0, min=0))
    w1 = synced(traitlets.List(traitlets.List(), [[0.4, -0.6, 0.3], [0.8, 0.5, -0.7]]))
    b1 = synced(traitlets.List(traitlets.Float(), [0.1, -0.2, 0.2]))
    w2 = synced(traitlets.List(traitlets.List(), [[0.7, -0.4], [-0.5, 0.9], [0.6, 0.3]]))
    b2 = synced(traitlets.List(traitlets.Float(), [-0.3, 0.2]))
    step = synced(traitlets.Int(0, min=0))
