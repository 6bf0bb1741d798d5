"""Fully connected layer with its activation in one kernel."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional

from autograder.kernels.activations import ACTIVATIONS, activation_gradient, plain_activation
from autograder.kernels.arguments import check_choice, check_tensors
from autograder.kernels.backend import run
from autograder.kernels.matmul import multiply
from autograder.kernels.reduction import column_sum


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias, activation):
        bias = bias if bias is None else bias.contiguous()
        output = multiply(x, weight.T, bias, activation)
        ctx.save_for_backward(x, weight, output if activation != "identity" else None)
        ctx.activation = activation
        return output

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        x, weight, output = ctx.saved_tensors
        if output is not None:
            gradient = activation_gradient(output, gradient, ctx.activation)
        dx = multiply(gradient, weight) if ctx.needs_input_grad[0] else None
        dweight = multiply(gradient.T, x) if ctx.needs_input_grad[1] else None
        dbias = column_sum(gradient) if ctx.needs_input_grad[2] else None
        return dx, dweight, dbias, None


def _plain(x, weight, bias, activation):
    return plain_activation(functional.linear(x, weight, bias), activation)


def linear(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    activation: str = "identity",
) -> torch.Tensor:
    """Return the output of a fully connected layer.

    out = g(x @ weight.T + bias); with delta = dout * g', dx = delta @ weight, dweight = delta.T @ x,
    dbias = sum over the batch of delta.

    Args:
        x: (N, D), float32 or float64.
        weight: (F, D), one row per unit, same dtype.
        bias: (F,), same dtype, or None.
        activation: `identity`, `sigmoid`, `tanh` or `relu`.

    Returns:
        Tensor (N, F); differentiable in x, weight and bias.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that do not fit, or no such activation.

    Source: Rumelhart, Hinton, Williams, *Learning representations by back-propagating errors*, 1986,
    equations 1 to 6.
    """
    biases = {} if bias is None else {"bias": (bias, "F")}
    check_tensors("linear", x=(x, "N D"), weight=(weight, "F D"), **biases)
    check_choice("linear", "activation", activation, ACTIVATIONS)
    return run(_Linear.apply, _plain, x, weight, bias, activation)
