"""Dropout draws sub-networks; their mean against the full network."""

import traitlets

from dlarch.figures.base import Figure, synced


class DropoutSubnetworks(Figure):
    """A 2–4–1 or 2–4–4–1 ReLU network with fixed weights whose hidden units are dropped at random.

    Inverted dropout multiplies kept units by 1/q and leaves the full network as it is; the original
    form (Srivastava et al. 2014) leaves kept units as they are and multiplies the full network's by q.
    """

    name = "dropout_subnetworks"
    summary = (
        "Dropout: the active sub-network, its output, and the mean over masks against the network."
    )

    hidden_layers = synced(traitlets.Enum([1, 2], 1))
    keep_probability = synced(traitlets.Float(0.5, min=0.1, max=1))
    scaling = synced(traitlets.Enum(["inverted", "original"], "inverted"))
    masks = synced(traitlets.Int(20, min=0, max=500))
    seed = synced(traitlets.Int(24, min=0))
