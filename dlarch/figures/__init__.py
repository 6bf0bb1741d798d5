"""Figures to play with: `from dlarch.figures import SlidingWindow; SlidingWindow()`.

Each figure is one ES module `<name>.mjs` and one Python class; the class is loaded when it is first used.
"""

from importlib import import_module

FIGURES = {
    "activation_functions": "ActivationFunctions",
    "augmented_box": "AugmentedBox",
    "backpropagation_stepper": "BackpropagationStepper",
    "boxes_nms": "BoxesNms",
    "broadcasting": "Broadcasting",
    "capacity": "Capacity",
    "decision_boundary": "DecisionBoundary",
    "dropout_subnetworks": "DropoutSubnetworks",
    "edge_filters": "EdgeFilters",
    "gan_one_dimension": "GanOneDimension",
    "gradient_norm_depth": "GradientNormDepth",
    "latent_explorer": "LatentExplorer",
    "loss_surface": "LossSurface",
    "mode_collapse": "ModeCollapse",
    "perceptron_stepper": "PerceptronStepper",
    "plain_or_residual": "PlainOrResidual",
    "pooling_translation": "PoolingTranslation",
    "precision_recall": "PrecisionRecall",
    "shape_explorer": "ShapeExplorer",
    "sliding_window": "SlidingWindow",
    "softmax_temperature": "SoftmaxTemperature",
    "spectral_gradient": "SpectralGradient",
    "sum_of_bumps": "SumOfBumps",
    "timeline": "Timeline",
    "unrolled_patterns": "UnrolledPatterns",
    "vae_overlap": "VaeOverlap",
}

_MODULES = {class_name: name for name, class_name in FIGURES.items()}

__all__ = ["FIGURES", *_MODULES]


def __getattr__(name: str) -> type:
    if name not in _MODULES:
        raise AttributeError(f"module 'dlarch.figures' has no attribute {name!r}")
    return getattr(import_module(f"dlarch.figures.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
