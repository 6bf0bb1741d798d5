"""Activations, element by element, and their derivatives from the cached output."""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from autograder.kernels.arguments import check_choice, check_same_shape
from autograder.kernels.backend import block, run, tl, triton
from autograder.kernels.numerics import activate, activation_derivative

ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu")


@triton.jit
def _activation_fwd_kernel(x_ptr, out_ptr, size, NAME: tl.constexpr, BLOCK: tl.constexpr):
    offs = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < size
    x = tl.load(x_ptr + offs, mask=mask, other=0.0)
    tl.store(out_ptr + offs, activate(x, NAME), mask=mask)


@triton.jit
def _activation_bwd_kernel(
    out_ptr, dout_ptr, dx_ptr, size, NAME: tl.constexpr, BLOCK: tl.constexpr
):
    offs = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < size
    output = tl.load(out_ptr + offs, mask=mask, other=0.0)
    gradient = tl.load(dout_ptr + offs, mask=mask, other=0.0)
    tl.store(dx_ptr + offs, gradient * activation_derivative(output, NAME), mask=mask)


def activation_gradient(output: torch.Tensor, gradient: torch.Tensor, name: str) -> torch.Tensor:
    """Launch the backward kernel on tensors that lie where the kernels run."""
    output, gradient = output.contiguous(), gradient.contiguous()
    dx = torch.empty_like(output)
    size, length = output.numel(), block(output.numel())
    grid = (triton.cdiv(size, length),)
    _activation_bwd_kernel[grid](output, gradient, dx, size, NAME=name, BLOCK=length)
    return dx


class _Activation(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, name):
        x = x.contiguous()
        output = torch.empty_like(x)
        size, length = x.numel(), block(x.numel())
        _activation_fwd_kernel[(triton.cdiv(size, length),)](
            x, output, size, NAME=name, BLOCK=length
        )
        ctx.save_for_backward(output)
        ctx.name = name
        return output

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        (output,) = ctx.saved_tensors
        return activation_gradient(output, gradient, ctx.name), None


def plain_activation(x: torch.Tensor, name: str) -> torch.Tensor:
    """Return the activation computed by PyTorch."""
    return x.clone() if name == "identity" else getattr(torch, name)(x)


def _plain_activation_backward(
    output: torch.Tensor, gradient: torch.Tensor, name: str
) -> torch.Tensor:
    derivative = {
        "identity": torch.ones_like,
        "sigmoid": lambda a: a * (1 - a),
        "tanh": lambda a: 1 - a * a,
        "relu": lambda a: (a > 0).to(a.dtype),
    }
    return gradient * derivative[name](output)


def activation(x: torch.Tensor, name: str) -> torch.Tensor:
    """Return the activation of every element.

    `identity`: x. `sigmoid`: 1 / (1 + exp(-x)). `tanh`: tanh(x). `relu`: max(x, 0), with derivative 0 at 0.

    Args:
        x: pre-activation, any shape, float32 or float64.
        name: one of `ACTIVATIONS`.

    Returns:
        Tensor of the shape and dtype of `x`; differentiable.

    Raises:
        TypeError: `x` is not a float32 or float64 tensor.
        ValueError: `x` is empty, or `name` is no activation.

    Source: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, section 6.3.
    """
    check_same_shape("activation", x=x)
    check_choice("activation", "name", name, ACTIVATIONS)
    return run(_Activation.apply, plain_activation, x, name)


def activation_backward(output: torch.Tensor, gradient: torch.Tensor, name: str) -> torch.Tensor:
    """Return the gradient with respect to the pre-activation, from the cached output of the forward pass.

    dx = gradient * g'(x), with g' = 1, a (1 - a), 1 - a², [a > 0] written in the output a = g(x).

    Args:
        output: a = g(x), any shape, float32 or float64.
        gradient: gradient with respect to `output`, same shape and dtype.
        name: one of `ACTIVATIONS`.

    Returns:
        Tensor of the shape and dtype of `output`.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that differ, or `name` is no activation.

    Source: Rumelhart, Hinton, Williams, *Learning representations by back-propagating errors*, 1986,
    equation 5.
    """
    check_same_shape("activation_backward", output=output, gradient=gradient)
    check_choice("activation_backward", "name", name, ACTIVATIONS)
    return run(activation_gradient, _plain_activation_backward, output, gradient, name)
