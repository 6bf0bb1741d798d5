"""A 3×3 window slides over a 5×5 image."""

import traitlets

from dlarch.figures.base import Figure, synced


class SlidingWindow(Figure):
    """Cross-correlate `image` (5×5) with `kernel` (3×3), entry by entry; `flip` turns the kernel."""

    name = "sliding_window"
    summary = "Sliding window: cross-correlation of a 5×5 image with a 3×3 kernel, entry by entry."

    image = synced(
        traitlets.List(
            traitlets.List(),
            [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]],
            minlen=5,
            maxlen=5,
        )
    )
    kernel = synced(
        traitlets.List(traitlets.List(), [[1, 0, 1], [0, 1, 0], [1, 0, 1]], minlen=3, maxlen=3)
    )
    stride = synced(traitlets.Int(1, min=1, max=3))
    padding = synced(traitlets.Int(0, min=0, max=2))
    flip = synced(traitlets.Bool(False))
    position = synced(traitlets.Int(0, min=0))
