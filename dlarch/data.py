"""The course's data sets, all usable without a network."""

from functools import cache
from pathlib import Path

import numpy as np

DATASETS = Path(__file__).parent / "datasets"


@cache
def _read(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def mnist(
    train: int = 8000, test: int = 2000, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Load handwritten digits, shuffled once and split into training and test images.

    Args:
        train: number of training images.
        test: number of test images; with `train` at most 10,000.
        seed: seed of the shuffle; the split is the same for the same seed.

    Returns:
        images_train (train, 28, 28) float32 in [0, 1], labels_train (train,) int64, images_test, labels_test.

    Raises:
        ValueError: more images are asked for than there are.

    Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
    """
    content = _read(DATASETS / "mnist10k.npz")
    images, labels = content["images"], content["labels"]
    if train + test > len(images):
        raise ValueError(f"expected at most {len(images)} images in all, got {train} + {test}")
    order = np.random.default_rng(seed).permutation(len(images))
    images = images[order].astype(np.float32) / 255
    labels = labels[order].astype(np.int64)
    return images[:train], labels[:train], images[train:][:test], labels[train:][:test]


def photograph() -> np.ndarray:
    """Load a grey photograph of a man with a camera.

    Returns:
        (128, 128) float32 in [0, 1], 0 black.

    Source: `camera` of scikit-image, by Lav Varshney, CC0; means of 4 × 4 pixels.
    """
    from matplotlib.image import imread

    return imread(Path(__file__).parent / "figures" / "edge_filters.png").astype(np.float32)
