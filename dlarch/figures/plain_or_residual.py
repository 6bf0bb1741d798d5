"""What depth does to plain and to residual networks."""

import traitlets

from dlarch.figures.base import Figure, synced


class PlainOrResidual(Figure):
    """Show runs of networks of `depth` layers; `residual` shows those with shortcuts too."""

    name = "plain_or_residual"
    summary = "Plain or residual: training loss of networks of 6 to 34 layers, with and without shortcuts."

    depth = synced(traitlets.Int(18, min=6, max=34))
    show = synced(traitlets.Enum(["loss", "gradient"], "loss"))
    residual = synced(traitlets.Bool(False))
