"""What the width of the encodings does to their overlap."""

import traitlets

from dlarch.figures.base import Figure, synced


class VaeOverlap(Figure):
    """Two or three inputs encoded as N(μ, σ²) on a line: KL, reconstruction, confusion, holes."""

    name = "vae_overlap"
    summary = "Overlap in latent space: what the width σ of the encodings does to KL term and reconstruction."

    classes = synced(traitlets.Enum([2, 3], 2))
    sigma = synced(traitlets.Float(0.6, min=0.05, max=2))
    separation = synced(traitlets.Float(2.0, min=0, max=4))
