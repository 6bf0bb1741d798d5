"""Shapes, parameters and work of famous networks, part by part."""

import traitlets

from dlarch.figures.base import Figure, synced


class ShapeExplorer(Figure):
    """Follow an image of `side` × `side` through a network; `global_pooling` replaces its dense layers."""

    name = "shape_explorer"
    summary = (
        "Shape explorer: output shape, parameters and multiply–adds of each part of a network."
    )

    network = synced(traitlets.Enum(["lenet5", "alexnet", "vgg16", "resnet34"], "alexnet"))
    side = synced(traitlets.Int(227, min=28, max=320))
    global_pooling = synced(traitlets.Bool(False))
