"""A latent plane to walk in, with the learner's own decoder."""

from __future__ import annotations

import base64
from collections.abc import Callable

import numpy as np
import traitlets

from dlarch.figures.base import Figure, synced


class LatentExplorer(Figure):
    """Show the image that a decoder makes of a point z of the latent plane.

    Without a decoder it shows digits decoded beforehand. With one, the grid behind the point is decoded
    once and the image again whenever z changes; a saved notebook keeps the grid.

    Args:
        decode: z (N, Z) float32 NumPy array → N images (N, H, W), (N, 1, H, W) or square (N, D), a NumPy
            array or a torch tensor with values in [0, 1].
        extent: the plane goes from −extent to +extent in both directions.
        steps: the grid has steps × steps images.
        latent_size: Z; the latent variables that are not on an axis stay 0.
        axes: the two latent variables (z₁, z₂) of the plane.

    Raises:
        ValueError: the decoder returns something that is not N images.
    """

    name = "latent_explorer"
    summary = "Latent explorer: the image that the decoder makes of a point z of the latent plane."

    z = synced(traitlets.List(traitlets.Float(), [0, -1.5], minlen=2, maxlen=2))
    extent = synced(traitlets.Float(2.5, min=0.1))
    steps = synced(traitlets.Int(21, min=2))
    height = synced(traitlets.Int(28, min=1))
    width = synced(traitlets.Int(28, min=1))
    grid = synced(traitlets.Unicode(""))
    image = synced(traitlets.Unicode(""))

    def __init__(
        self,
        decode: Callable[[np.ndarray], object] | None = None,
        *,
        extent: float = 2.5,
        steps: int = 11,
        latent_size: int = 2,
        axes: tuple[int, int] = (0, 1),
        **traits: object,
    ) -> None:
        if decode is None:
            super().__init__(**traits)
            return
        self._decode, self._latent_size, self._axes = decode, latent_size, axes
        line = np.linspace(-extent, extent, steps)
        points = np.stack(np.meshgrid(line, line[::-1]), axis=-1).reshape(-1, 2)
        images = self._decode_plane(points)
        _, height, width = images.shape
        super().__init__(
            extent=extent, steps=steps, height=height, width=width, grid=_encode(images), **traits
        )
        self.observe(self._show, names="z")
        self._show()

    def _show(self, _change: object = None) -> None:
        self.image = _encode(self._decode_plane(np.array([self.z])))

    def _decode_plane(self, points: np.ndarray) -> np.ndarray:
        z = np.zeros((len(points), self._latent_size), dtype=np.float32)
        z[:, list(self._axes)] = points
        images = self._decode(z)
        if hasattr(images, "detach"):
            images = images.detach().cpu().numpy()
        images = np.asarray(images, dtype=np.float64)
        if images.ndim == 4 and images.shape[1] == 1:
            images = images[:, 0]
        if images.ndim == 2 and (side := round(images.shape[1] ** 0.5)) ** 2 == images.shape[1]:
            images = images.reshape(len(images), side, side)
        if images.ndim != 3 or len(images) != len(points):
            raise ValueError(
                f"decode must return {len(points)} images of shape (N, H, W), (N, 1, H, W) or square (N, D); "
                f"it returned shape {images.shape}"
            )
        return images

    def state(self) -> dict:
        """Return the traits as JSON data, without the image that only a kernel keeps up to date."""
        return {**super().state(), "image": ""} if self.grid else super().state()

    def __str__(self) -> str:
        source = "the decoder given" if self.grid else "digits decoded beforehand"
        return f"{self.summary} Now: z = {self.z}, {source}, extent = {self.extent}."


def _encode(images: np.ndarray) -> str:
    levels = np.clip(np.round(images * 255), 0, 255).astype(np.uint8)
    return base64.b64encode(levels.tobytes()).decode()
