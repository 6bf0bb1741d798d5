"""Universal approximation in one dimension: pairs of sigmoids make bumps, bumps make a function."""

import traitlets

from dlarch.figures.base import Figure, synced


class SumOfBumps(Figure):
    """Approximate a function on [0, 1] by one hidden layer of `2 · bumps` sigmoid units.

    Bump i is f(mᵢ) [σ(s (x − lᵢ)) − σ(s (x − rᵢ))] with the steepness s, on one of `bumps` equal intervals
    with middle mᵢ; the outermost edges lie one unit outside. The idea is that of Cybenko (1989),
    "Approximation by superpositions of a sigmoidal function".
    """

    name = "sum_of_bumps"
    summary = "Sum of bumps: one hidden layer of steep sigmoids approximates a function on [0, 1]."

    target = synced(traitlets.Enum(["wave", "root", "jump"], "wave"))
    bumps = synced(traitlets.Int(8, min=1, max=60))
    steepness = synced(traitlets.Float(200.0, min=10, max=2000))
    bump = synced(traitlets.Int(3, min=1, max=60))
