"""What a threshold on the scores does to the confusion matrix, to precision and recall."""

import traitlets

from dlarch.figures.base import Figure, synced


class PrecisionRecall(Figure):
    """Scores of 10,000 examples; an example is called positive when its score is ≥ threshold.

    The share `positive_share` of the examples is positive. Scores are normal in each class, so the ROC
    curve stays where it is when the share changes, but for the chance of the draw.
    """

    name = "precision_recall"
    summary = "Threshold: confusion matrix, precision, recall and F1, with precision–recall and ROC curves."

    threshold = synced(traitlets.Float(0.0, min=-5, max=5))
    positive_share = synced(traitlets.Float(0.5, min=0.01, max=0.99))
    separation = synced(traitlets.Float(2.0, min=0, max=4))
    seed = synced(traitlets.Int(1, min=0))
