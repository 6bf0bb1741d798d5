"""What becomes of a box when its picture is turned."""

import traitlets

from dlarch.figures.base import Figure, synced


class AugmentedBox(Figure):
    """Turn, stretch, move and flip a shape; compare the box of the turned corners with the tight one."""

    name = "augmented_box"
    summary = "Augmentation with boxes: the box of the turned corners against the tight box."

    shape = synced(traitlets.Enum(["ellipse", "bar", "triangle"], "ellipse"))
    angle = synced(traitlets.Int(30, min=-90, max=90))
    scale = synced(traitlets.Float(1.0, min=0.5, max=1.3))
    shift = synced(traitlets.Int(0, min=-12, max=12))
    flip = synced(traitlets.Bool(False))
