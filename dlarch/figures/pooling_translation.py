"""Pooling and small translations."""

import traitlets

from dlarch.figures.base import Figure, synced


class PoolingTranslation(Figure):
    """Move a shape by 0–4 pixels; compare the change of the image with the change of its pooled map."""

    name = "pooling_translation"
    summary = (
        "Pooling and translation: how much the image and its pooled map change when a shape moves."
    )

    shape = synced(traitlets.Enum(["seven", "ring", "dot", "stripes"], "seven"))
    pooling = synced(traitlets.Enum(["max", "average"], "max"))
    window = synced(traitlets.Int(3, min=1, max=5))
    stride = synced(traitlets.Int(2, min=1, max=4))
    shift_x = synced(traitlets.Int(1, min=0, max=4))
    shift_y = synced(traitlets.Int(0, min=0, max=4))
