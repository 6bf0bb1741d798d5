"""What an op says about arguments that do not fit."""

import pytest
import torch

from autograder.kernels.activations import activation
from autograder.kernels.attention import attention
from autograder.kernels.batch_norm import batch_norm
from autograder.kernels.bce_with_logits import bce_with_logits
from autograder.kernels.convolution import conv1d, conv2d, conv2d_relu
from autograder.kernels.dropout import dropout
from autograder.kernels.embedding import embedding
from autograder.kernels.gan_losses import generator_loss
from autograder.kernels.layer_norm import layer_norm
from autograder.kernels.linear import linear
from autograder.kernels.matmul import matmul
from autograder.kernels.optimizers import adam_update, momentum_update
from autograder.kernels.pairwise_iou import pairwise_iou
from autograder.kernels.pooling import max_pool2d
from autograder.kernels.reparametrize import reparametrize
from autograder.kernels.rnn_cell import rnn_cell
from autograder.kernels.softmax import log_softmax
from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy

ONES = torch.ones
MISUSES = {
    "not-a-tensor": (lambda: matmul([[1.0]], ONES(1, 1)), TypeError, "a is a list"),
    "integers": (lambda: activation(ONES(3, dtype=torch.int64), "relu"), TypeError, "float32"),
    "half": (lambda: activation(ONES(3).half(), "relu"), TypeError, "x has dtype torch.float16"),
    "mixed-dtypes": (
        lambda: matmul(ONES(2, 3), ONES(3, 2).double()),
        TypeError,
        "expected float32",
    ),
    "inner-sizes": (lambda: matmul(ONES(2, 3), ONES(4, 2)), ValueError, "with K = 3 as in a"),
    "dimensions": (lambda: matmul(ONES(2, 3), ONES(3)), ValueError, r"expected \(K, N\)"),
    "empty": (lambda: activation(ONES(0, 3), "relu"), ValueError, "x is empty"),
    "weight-transposed": (
        lambda: linear(ONES(4, 3), ONES(3, 5), None),
        ValueError,
        "D = 3 as in x",
    ),
    "bias": (lambda: linear(ONES(4, 3), ONES(5, 3), ONES(3)), ValueError, "F = 5 as in weight"),
    "activation": (lambda: activation(ONES(3), "swish"), ValueError, "one of identity, sigmoid"),
    "channels": (
        lambda: conv2d(ONES(1, 3, 5, 5), ONES(2, 4, 3, 3), None),
        ValueError,
        "C = 3 as in x",
    ),
    "filter-too-large": (
        lambda: conv2d(ONES(1, 1, 2, 2), ONES(1, 1, 5, 5), None, 1, 1),
        ValueError,
        "does not fit",
    ),
    "residual": (
        lambda: conv2d_relu(ONES(1, 2, 4, 5), ONES(3, 2, 2, 2), None, ONES(1, 3, 4, 5)),
        ValueError,
        r"expected \(3, 4\), those of the output",
    ),
    "stride-zero": (lambda: conv1d(ONES(1, 1, 5), ONES(1, 1, 2), None, 0), ValueError, "stride"),
    "padding-negative": (
        lambda: conv1d(ONES(1, 1, 5), ONES(1, 1, 2), None, 1, -1),
        ValueError,
        "padding",
    ),
    "window-too-large": (lambda: max_pool2d(ONES(1, 1, 2, 3), 3), ValueError, "does not fit"),
    "window-zero": (lambda: max_pool2d(ONES(1, 1, 2, 3), 0), ValueError, "at least 1"),
    "label-shape": (
        lambda: softmax_cross_entropy(ONES(3, 2), torch.zeros(2, dtype=torch.int64)),
        ValueError,
        "N = 3 as in logits",
    ),
    "label-dtype": (lambda: softmax_cross_entropy(ONES(3, 2), ONES(3)), TypeError, "int64"),
    "label-range": (
        lambda: softmax_cross_entropy(ONES(2, 2), torch.tensor([0, 2])),
        ValueError,
        r"in \[0, 1\]",
    ),
    "shapes": (
        lambda: reparametrize(ONES(2, 3), ONES(2, 3), ONES(3)),
        ValueError,
        "the shape of mean",
    ),
    "state-shape": (
        lambda: momentum_update(ONES(2, 3), ONES(2, 3), ONES(3), 0.1, 0.9),
        ValueError,
        r"velocity has shape \(3,\); expected \(2, 3\)",
    ),
    "step-zero": (
        lambda: adam_update(*[ONES(3)] * 4, 0, 0.1, 0.9, 0.999, 1e-8),
        ValueError,
        "step is 0; expected 1",
    ),
    "mask-dtype": (
        lambda: dropout(ONES(3), ONES(3, dtype=torch.bool), 0.5),
        TypeError,
        "mask has dtype torch.bool",
    ),
    "keep-nothing": (
        lambda: dropout(ONES(3), ONES(3), 0.0),
        ValueError,
        r"keep_probability is 0.0; expected a number in \(0, 1\]",
    ),
    "feature-scale": (
        lambda: batch_norm(ONES(4, 3), ONES(4), ONES(3), 1e-5),
        ValueError,
        "D = 3 as in x",
    ),
    "row-gain": (
        lambda: layer_norm(ONES(4, 3), ONES(4), ONES(3), 1e-5),
        ValueError,
        "D = 3 as in x",
    ),
    "keys-of-values": (
        lambda: attention(ONES(1, 2, 3), ONES(1, 4, 3), ONES(1, 5, 3), ONES(1, 2, 4) > 0),
        ValueError,
        "K = 4 as in k",
    ),
    "attention-mask-dtype": (
        lambda: attention(ONES(1, 2, 3), ONES(1, 4, 3), ONES(1, 4, 3), ONES(1, 2, 4)),
        TypeError,
        "bool, True = may look",
    ),
    "attention-mask-shape": (
        lambda: attention(ONES(1, 2, 3), ONES(1, 4, 3), ONES(1, 4, 3), ONES(1, 4, 2) > 0),
        ValueError,
        r"expected \(N, Q, K\) = \(1, 2, 4\)",
    ),
    "one-row": (lambda: log_softmax(ONES(3)), ValueError, r"expected \(N, K\)"),
    "targets": (lambda: bce_with_logits(ONES(2, 3), ONES(3)), ValueError, "the shape of logits"),
    "recurrent-weights": (
        lambda: rnn_cell(ONES(2, 3), ONES(2, 4), ONES(3, 4), ONES(4, 5), ONES(4)),
        ValueError,
        "M = 4 as in h",
    ),
    "token-dtype": (lambda: embedding(ONES(3, 2), ONES(4)), TypeError, "int64"),
    "token-range": (
        lambda: embedding(ONES(3, 2), torch.tensor([0, 3])),
        ValueError,
        "tokens run from 0 to 3; expected 0 to 2",
    ),
    "box": (lambda: pairwise_iou(ONES(3, 5), ONES(2, 5)), ValueError, "a box has 5 numbers"),
    "kind": (lambda: generator_loss(ONES(2), "minimax"), ValueError, "non-saturating, saturating"),
}


@pytest.mark.parametrize(("call", "error", "message"), MISUSES.values(), ids=MISUSES.keys())
def test_misuse_is_explained(call, error, message):
    with pytest.raises(error, match=message):
        call()
