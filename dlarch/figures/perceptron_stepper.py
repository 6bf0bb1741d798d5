"""Rosenblatt's perceptron learns a line, one point at a time."""

import traitlets

from dlarch.figures.base import Figure, synced


class PerceptronStepper(Figure):
    """Visit labelled points in turn; where y (w·x + b) ≤ 0, add y x to w and y to b.

    The bound on the number of mistakes, (R/γ)², is that of Novikoff (1962), "On convergence proofs for
    perceptrons", for the points (x, 1).
    """

    name = "perceptron_stepper"
    summary = (
        "Perceptron stepper: score, mistake and update for one labelled point after the other."
    )

    data = synced(traitlets.Enum(["separable", "narrow", "xor", "outlier"], "separable"))
    step = synced(traitlets.Int(0, min=0))
