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
        if self.batch % self.packing:
            raise traitlets.TraitError(
                f"batch must be a multiple of packing, but {self.batch} samples cannot be judged "
                f"{self.packing} at a time; choose another batch or packing"
            )
        return proposal["value"]
