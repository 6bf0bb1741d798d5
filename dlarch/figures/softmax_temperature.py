"""What temperature, and a constant added to all logits, do to softmax and cross-entropy."""

import traitlets

from dlarch.figures.base import Figure, synced


class SoftmaxTemperature(Figure):
    """Probabilities softmax(a/T) of four to six classes, their entropy, and the cross-entropy of one.

    `constant` is what the figure's buttons add to all logits or take from them.
    """

    name = "softmax_temperature"
    summary = (
        "Softmax with a temperature: probabilities, cross-entropy and entropy of a few logits."
    )

    logits = synced(traitlets.List(traitlets.Float(), [2.0, 1.0, 0.5, -1.0], minlen=4, maxlen=6))
    temperature = synced(traitlets.Float(1.0, min=0.05, max=20))
    true_class = synced(traitlets.Int(0, min=0, max=5))
    constant = synced(traitlets.Float(10.0))
