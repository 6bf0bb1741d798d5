"""A generative adversarial network on a line, trained live."""

import traitlets

from dlarch.figures.base import Figure, synced


class GanOneDimension(Figure):
    """Train G(z) = z + network(z) against D(x) = σ(network(x)); compare D with D* = p_data/(p_data + p_g).

    After Goodfellow et al. (2014), "Generative adversarial nets", figure 1.
    """

    name = "gan_one_dimension"
    summary = "One-dimensional GAN, trained live: densities, discriminator, best discriminator, map z → x."

    data = synced(traitlets.Enum(["one", "two"], "one"))
    k = synced(traitlets.Int(3, min=1, max=20))
    learning_rate_d = synced(traitlets.Float(0.02, min=0))
    learning_rate_g = synced(traitlets.Float(0.005, min=0))
    batch = synced(traitlets.Int(128, min=1))
    loss = synced(traitlets.Enum(["non-saturating", "saturating"], "non-saturating"))
    seed = synced(traitlets.Int(1, min=0))
    x = synced(traitlets.Float(1.05, min=-4.95, max=4.95))
