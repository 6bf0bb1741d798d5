"""What non-maximum suppression keeps of twelve boxes."""

import traitlets

from dlarch.figures.base import Figure, synced


class BoxesNms(Figure):
    """Thin twelve detections of three objects, and judge what is kept."""

    name = "boxes_nms"
    summary = "Non-maximum suppression: twelve boxes of three objects, and their average precision."

    suppression = synced(traitlets.Float(0.5, min=0, max=1))
    score = synced(traitlets.Float(0.1, min=0, max=1))
    match = synced(traitlets.Float(0.5, min=0.3, max=0.95))
