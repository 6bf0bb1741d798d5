"""What exercises of chapter 08 share."""

import numpy as np
import torch
from torch.nn import functional

PAGE = "08_cnn_architectures.html#cnn-"


def draw(random, *shape, scale=1.0):
    return torch.from_numpy(scale * random.normal(size=shape))


def draw_parameters(random, shapes):
    """Weights that keep the size of what passes, and biases that are seen."""
    return {
        name: draw(random, *shape, scale=np.prod(shape[1:]) ** -0.5 if len(shape) > 1 else 0.5)
        for name, shape in shapes.items()
    }


def in_single_precision(arguments):
    """Give a case's tensors in float32: half the room in the file that learners get."""
    return {
        name: in_single_precision(value) if isinstance(value, dict)
        else value.float() if torch.is_tensor(value) and value.is_floating_point()
        else value
        for name, value in arguments.items()
    }  # fmt: skip


def conv_on_kernels(x, weight, bias, stride=1, padding=0):
    from autograder.kernels.convolution import conv2d

    return conv2d(x, weight, bias, stride, padding)


def conv_relu_on_kernels(x, weight, bias, stride=1, padding=0, residual=None):
    from autograder.kernels.convolution import conv2d_relu

    return conv2d_relu(x, weight, bias, residual, stride, padding)


def conv_relu(x, weight, bias, stride=1, padding=0):
    return functional.relu(functional.conv2d(x, weight, bias, stride, padding))


def draw_classifier(random, D, H, K):
    """A network with batch normalisation whose running statistics are unlike those of any batch."""
    state = {
        "0.weight": draw(random, H, D, scale=D**-0.5),
        "0.bias": draw(random, H),
        "1.weight": 1 + draw(random, H, scale=0.3),
        "1.bias": draw(random, H, scale=0.5),
        "1.running_mean": draw(random, H),
        "1.running_var": torch.from_numpy(random.uniform(0.3, 3.0, size=H)),
        "1.num_batches_tracked": torch.tensor(int(random.integers(3, 90))),
        "3.weight": draw(random, K, H),
        "3.bias": draw(random, K),
    }
    return {"model": {"factory": "normalized_mlp", "sizes": [D, H, K]}, "state": state}


def draw_labels(random, N, K):
    return torch.from_numpy(random.integers(0, K, size=N))
