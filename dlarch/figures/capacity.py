"""How training and validation error change with the degree of a fitted polynomial."""

import traitlets

from dlarch.figures.base import Figure, synced


class Capacity(Figure):
    """Least squares with a ridge penalty: minimise (1/N) Σ (y − p(x))² + λ Σ_{k ≥ 1} w_k².

    The samples are y = sin(4.5 x) + noise of standard deviation 0.3, x in [−1, 1]; the validation set
    has 200 other samples. The constant w_0 is not penalised.
    """

    name = "capacity"
    summary = "Capacity: a polynomial fitted to noisy samples, with training and validation error by degree."

    degree = synced(traitlets.Int(9, min=0, max=12))
    penalty = synced(traitlets.Float(0.0, min=0, max=10))
    samples = synced(traitlets.Int(15, min=15, max=100))
    seed = synced(traitlets.Int(1, min=0))
