"""What exercises of several chapters share."""

import numpy as np

LIBRARIES = ("torch", "scipy", "sklearn", "tensorflow", "jax")
"""Libraries that hold the answers; most exercises forbid them."""


def as_tensor(array, dtype=np.float64):
    import torch

    return torch.from_numpy(np.asarray(array, dtype=dtype, order="C"))


def as_tensors(*arrays):
    return [as_tensor(array) for array in arrays]


def as_arrays(tensors):
    return tuple(tensor.numpy() for tensor in tensors)
