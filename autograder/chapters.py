"""The chapters of the course; no exercise depends on this list, so a new one makes nothing stale."""

import importlib

from autograder.exercise import Chapter

CHAPTERS = (
    "00_start",
    "01_background",
    "02_neuron",
    "03_mlp",
    "04_backpropagation",
    "05_optimization",
    "06_regularization",
    "07_convolution",
    "08_cnn_architectures",
    "09_vision_tasks",
    "10_recurrent",
    "14_vae",
    "15_gan",
)


def load_chapter(stem: str) -> Chapter:
    """Import the exercises of one chapter.

    Args:
        stem: the chapter's stem, `NN_slug`.

    Raises:
        ValueError: no such chapter.
    """
    if stem not in CHAPTERS:
        raise ValueError(f"expected a chapter ({', '.join(CHAPTERS)}), got {stem!r}")
    module = importlib.import_module(f"autograder.exercises.{stem.split('_', 1)[1]}")
    return module.chapter
