"""3×3 kernels on a photograph."""

import traitlets

from dlarch.figures.base import Figure, synced


class EdgeFilters(Figure):
    """Cross-correlate a photograph (128×128) with `kernel`/`divisor`; write out the sum at one pixel."""

    name = "edge_filters"
    summary = "Edge filters: a photograph and its cross-correlation with a 3×3 kernel."

    filter = synced(
        traitlets.Enum(["sobel_x", "sobel_y", "laplacian", "blur", "sharpen", "custom"], "sobel_x")
    )
    kernel = synced(
        traitlets.List(traitlets.List(), [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], minlen=3, maxlen=3)
    )
    divisor = synced(traitlets.Float(1, min=0.01))
    absolute = synced(traitlets.Bool(False))
    row = synced(traitlets.Int(38, min=1, max=126))
    column = synced(traitlets.Int(55, min=1, max=126))
