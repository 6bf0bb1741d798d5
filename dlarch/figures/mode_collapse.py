"""Which of eight modes a generator covers, trained live."""

import traitlets

from dlarch.figures.base import Figure, synced


class ModeCollapse(Figure):
    """Train a small GAN on eight Gaussians on a circle; count the samples near each.

    `packing` is the number of samples that the discriminator judges together, a divisor of `batch`:
    Lin et al. (2018), "PacGAN".
    """

    name = "mode_collapse"
    summary = "Mode collapse: which of eight Gaussians a small generator covers, trained live."

    k = synced(traitlets.Int(1, min=1, max=10))
    learning_rate_d = synced(traitlets.Float(0.002, min=0))
    learning_rate_g = synced(traitlets.Float(0.001, min=0))
    spread = synced(traitlets.Float(0.15, min=0.05, max=0.3))
    packing = synced(traitlets.Enum([1, 2, 4], 1))
    batch = synced(traitlets.Int(128, min=4))
    seed = synced(traitlets.Int(1, min=0))

    @traitlets.validate("packing", "batch")
    def _packing_divides_batch(self, proposal: dict) -> int:
        sizes = {"batch": self.batch, "packing": self.packing}
        sizes[proposal["trait"].name] = proposal["value"]
        if sizes["batch"] % sizes["packing"]:
            raise traitlets.TraitError(
                "batch must be a multiple of packing, but {batch} samples cannot be judged "
                "{packing} at a time; choose another batch or packing".format(**sizes)
            )
        return proposal["value"]
