"""How two shapes are broadcast against each other, axis by axis from the right."""

import traitlets

from dlarch.figures.base import Figure, synced


class Broadcasting(Figure):
    """Add an array of 10, 20, 30, … of shape `a` to one of 1, 2, 3, … of shape `b`, as NumPy does.

    Shapes have up to three axes of 1 to 4 entries; `cell` is the entry of the result that is explained.
    """

    name = "broadcasting"
    summary = (
        "Broadcasting: two shapes aligned from the right, each axis equal, stretched or refused."
    )

    a = synced(traitlets.List(traitlets.Int(min=1, max=4), [4, 1], maxlen=3))
    b = synced(traitlets.List(traitlets.Int(min=1, max=4), [3], maxlen=3))
    cell = synced(traitlets.List(traitlets.Int(min=0, max=3), [2, 1], maxlen=3))
