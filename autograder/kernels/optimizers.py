"""Updates of the parameters by the optimizers, each in one kernel: new tensors, nothing in place."""

from __future__ import annotations

import functools
from typing import Any

import torch

from autograder.kernels.arguments import check_same_shape
from autograder.kernels.backend import block, constants, run, tl, triton


@triton.jit
def moving_average(average, value, weight):
    """(1 - weight) * average + weight * value, where a weight near 0 keeps all its digits."""
    return average + weight * (value - average)


@triton.jit
def _sgd_update_kernel(
    parameter_ptr, gradient_ptr, new_parameter_ptr, constants_ptr, size, BLOCK: tl.constexpr
):
    offs = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < size
    learning_rate = tl.load(constants_ptr)
    parameter = tl.load(parameter_ptr + offs, mask=mask, other=0.0)
    gradient = tl.load(gradient_ptr + offs, mask=mask, other=0.0)
    tl.store(new_parameter_ptr + offs, parameter - learning_rate * gradient, mask=mask)


@triton.jit
def _momentum_update_kernel(
    parameter_ptr,
    gradient_ptr,
    velocity_ptr,
    new_parameter_ptr,
    new_velocity_ptr,
    constants_ptr,
    size,
    LOOKS_AHEAD: tl.constexpr,
    BLOCK: tl.constexpr,
):
    offs = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < size
    learning_rate, momentum = tl.load(constants_ptr), tl.load(constants_ptr + 1)
    parameter = tl.load(parameter_ptr + offs, mask=mask, other=0.0)
    gradient = tl.load(gradient_ptr + offs, mask=mask, other=0.0)
    velocity = tl.load(velocity_ptr + offs, mask=mask, other=0.0)
    velocity = momentum * velocity + gradient
    step = gradient + momentum * velocity if LOOKS_AHEAD else velocity
    tl.store(new_velocity_ptr + offs, velocity, mask=mask)
    tl.store(new_parameter_ptr + offs, parameter - learning_rate * step, mask=mask)


@triton.jit
def _adagrad_update_kernel(
    parameter_ptr,
    gradient_ptr,
    square_sum_ptr,
    new_parameter_ptr,
    new_square_sum_ptr,
    constants_ptr,
    size,
    BLOCK: tl.constexpr,
):
    offs = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < size
    learning_rate, epsilon = tl.load(constants_ptr), tl.load(constants_ptr + 1)
    parameter = tl.load(parameter_ptr + offs, mask=mask, other=0.0)
    gradient = tl.load(gradient_ptr + offs, mask=mask, other=0.0)
    square_sum = tl.load(square_sum_ptr + offs, mask=mask, other=1.0)
    square_sum += gradient * gradient
    step = learning_rate * gradient / (tl.sqrt(square_sum) + epsilon)
    tl.store(new_square_sum_ptr + offs, square_sum, mask=mask)
    tl.store(new_parameter_ptr + offs, parameter - step, mask=mask)


@triton.jit
def _rmsprop_update_kernel(
    parameter_ptr,
    gradient_ptr,
    square_average_ptr,
    new_parameter_ptr,
    new_square_average_ptr,
    constants_ptr,
    size,
    BLOCK: tl.constexpr,
):
    offs = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < size
    learning_rate, epsilon = tl.load(constants_ptr), tl.load(constants_ptr + 1)
    weight = tl.load(constants_ptr + 2)
    parameter = tl.load(parameter_ptr + offs, mask=mask, other=0.0)
    gradient = tl.load(gradient_ptr + offs, mask=mask, other=0.0)
    square_average = tl.load(square_average_ptr + offs, mask=mask, other=1.0)
    square_average = moving_average(square_average, gradient * gradient, weight)
    step = learning_rate * gradient / (tl.sqrt(square_average) + epsilon)
    tl.store(new_square_average_ptr + offs, square_average, mask=mask)
    tl.store(new_parameter_ptr + offs, parameter - step, mask=mask)


@triton.jit
def _adadelta_update_kernel(
    parameter_ptr,
    gradient_ptr,
    square_average_ptr,
    update_average_ptr,
    new_parameter_ptr,
    new_square_average_ptr,
    new_update_average_ptr,
    constants_ptr,
    size,
    BLOCK: tl.constexpr,
):
    offs = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < size
    epsilon, weight = tl.load(constants_ptr), tl.load(constants_ptr + 1)
    parameter = tl.load(parameter_ptr + offs, mask=mask, other=0.0)
    gradient = tl.load(gradient_ptr + offs, mask=mask, other=0.0)
    square_average = tl.load(square_average_ptr + offs, mask=mask, other=1.0)
    update_average = tl.load(update_average_ptr + offs, mask=mask, other=1.0)
    square_average = moving_average(square_average, gradient * gradient, weight)
    step = tl.sqrt(update_average + epsilon) / tl.sqrt(square_average + epsilon) * gradient
    update_average = moving_average(update_average, step * step, weight)
    tl.store(new_square_average_ptr + offs, square_average, mask=mask)
    tl.store(new_update_average_ptr + offs, update_average, mask=mask)
    tl.store(new_parameter_ptr + offs, parameter - step, mask=mask)


@triton.jit
def _adam_update_kernel(
    parameter_ptr,
    gradient_ptr,
    first_moment_ptr,
    second_moment_ptr,
    new_parameter_ptr,
    new_first_moment_ptr,
    new_second_moment_ptr,
    constants_ptr,
    size,
    BLOCK: tl.constexpr,
):
    offs = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < size
    learning_rate, epsilon = tl.load(constants_ptr), tl.load(constants_ptr + 1)
    first_weight, second_weight = tl.load(constants_ptr + 2), tl.load(constants_ptr + 3)
    first_correction, second_correction = tl.load(constants_ptr + 4), tl.load(constants_ptr + 5)
    kept = tl.load(constants_ptr + 6)
    parameter = tl.load(parameter_ptr + offs, mask=mask, other=0.0)
    gradient = tl.load(gradient_ptr + offs, mask=mask, other=0.0)
    first_moment = tl.load(first_moment_ptr + offs, mask=mask, other=0.0)
    second_moment = tl.load(second_moment_ptr + offs, mask=mask, other=1.0)
    first_moment = moving_average(first_moment, gradient, first_weight)
    second_moment = moving_average(second_moment, gradient * gradient, second_weight)
    deviation = tl.sqrt(second_moment / second_correction) + epsilon
    step = learning_rate * (first_moment / first_correction) / deviation
    tl.store(new_first_moment_ptr + offs, first_moment, mask=mask)
    tl.store(new_second_moment_ptr + offs, second_moment, mask=mask)
    tl.store(new_parameter_ptr + offs, kept * parameter - step, mask=mask)


def _launch(
    kernel: Any,
    parameter: torch.Tensor,
    gradient: torch.Tensor,
    *rest: Any,
    **options: Any,
) -> Any:
    """Run an update's kernel; `rest` is the optimizer's state, and last the numbers the rule needs."""
    *state, numbers = rest
    parameter, gradient, *state = (t.contiguous() for t in (parameter, gradient, *state))
    results = tuple(torch.empty_like(t) for t in (parameter, *state))
    size, length = parameter.numel(), block(parameter.numel())
    kernel[(triton.cdiv(size, length),)](
        parameter,
        gradient,
        *state,
        *results,
        constants(parameter, *numbers),
        size,
        **options,
        BLOCK=length,
    )
    return results if state else results[0]


def _update(kernel: Any, **options: Any) -> Any:
    return functools.partial(_launch, kernel, **options)


def _plain_sgd(parameter, gradient, numbers):
    (learning_rate,) = numbers
    return parameter - learning_rate * gradient


def _plain_momentum(parameter, gradient, velocity, numbers):
    learning_rate, momentum = numbers
    velocity = momentum * velocity + gradient
    return parameter - learning_rate * velocity, velocity


def _plain_nesterov(parameter, gradient, velocity, numbers):
    learning_rate, momentum = numbers
    velocity = momentum * velocity + gradient
    return parameter - learning_rate * (gradient + momentum * velocity), velocity


def _plain_adagrad(parameter, gradient, square_sum, numbers):
    learning_rate, epsilon = numbers
    square_sum = square_sum + gradient**2
    return parameter - learning_rate * gradient / (square_sum.sqrt() + epsilon), square_sum


def _plain_rmsprop(parameter, gradient, square_average, numbers):
    learning_rate, epsilon, weight = numbers
    square_average = square_average.lerp(gradient**2, weight)
    return parameter - learning_rate * gradient / (square_average.sqrt() + epsilon), square_average


def _plain_adadelta(parameter, gradient, square_average, update_average, numbers):
    epsilon, weight = numbers
    square_average = square_average.lerp(gradient**2, weight)
    step = (update_average + epsilon).sqrt() / (square_average + epsilon).sqrt() * gradient
    return parameter - step, square_average, update_average.lerp(step**2, weight)


def _plain_adam(parameter, gradient, first_moment, second_moment, numbers):
    learning_rate, epsilon, first_weight, second_weight, *corrections, kept = numbers
    first_moment = first_moment.lerp(gradient, first_weight)
    second_moment = second_moment.lerp(gradient**2, second_weight)
    deviation = (second_moment / corrections[1]).sqrt() + epsilon
    step = learning_rate * (first_moment / corrections[0]) / deviation
    return kept * parameter - step, first_moment, second_moment


@torch.no_grad()
def sgd_update(
    parameter: torch.Tensor, gradient: torch.Tensor, learning_rate: float
) -> torch.Tensor:
    """Return the parameter after one step of stochastic gradient descent.

    parameter' = parameter - learning_rate * gradient

    Args:
        parameter: any shape, float32 or float64.
        gradient: of the loss with respect to the parameter, same shape and dtype.
        learning_rate: length of the step per unit of gradient.

    Returns:
        Tensor of the parameter's shape and dtype; not differentiable.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that differ.

    Source: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, algorithm 8.1.
    """
    check_same_shape("sgd_update", parameter=parameter, gradient=gradient)
    return run(_update(_sgd_update_kernel), _plain_sgd, parameter, gradient, (learning_rate,))


@torch.no_grad()
def momentum_update(
    parameter: torch.Tensor,
    gradient: torch.Tensor,
    velocity: torch.Tensor,
    learning_rate: float,
    momentum: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return parameter and velocity after one step of gradient descent with momentum.

    velocity' = momentum * velocity + gradient; parameter' = parameter - learning_rate * velocity'

    Args:
        parameter: any shape, float32 or float64.
        gradient: of the loss with respect to the parameter, same shape and dtype.
        velocity: sum of the past gradients, each weighted by a power of the momentum; 0 at first.
        learning_rate: length of the step per unit of velocity.
        momentum: share of the velocity that is kept, in [0, 1).

    Returns:
        New parameter and velocity, of the same shape and dtype; not differentiable.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that differ.

    Source: Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964; written as
    in Sutskever et al., *On the importance of initialization and momentum in deep learning*, 2013,
    equations 1 and 2, with the learning rate taken out of the velocity.
    """
    check_same_shape("momentum_update", parameter=parameter, gradient=gradient, velocity=velocity)
    update = _update(_momentum_update_kernel, LOOKS_AHEAD=False)
    return run(update, _plain_momentum, parameter, gradient, velocity, (learning_rate, momentum))


@torch.no_grad()
def nesterov_update(
    parameter: torch.Tensor,
    gradient: torch.Tensor,
    velocity: torch.Tensor,
    learning_rate: float,
    momentum: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return parameter and velocity after one step with Nesterov's momentum.

    velocity' = momentum * velocity + gradient;
    parameter' = parameter - learning_rate * (gradient + momentum * velocity')

    The parameter kept is the one already moved ahead, so that the gradient is taken where it stands.

    Args:
        parameter: any shape, float32 or float64.
        gradient: of the loss with respect to the parameter, same shape and dtype.
        velocity: sum of the past gradients, each weighted by a power of the momentum; 0 at first.
        learning_rate: length of the step per unit of velocity.
        momentum: share of the velocity that is kept, in [0, 1).

    Returns:
        New parameter and velocity, of the same shape and dtype; not differentiable.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that differ.

    Source: Sutskever et al., *On the importance of initialization and momentum in deep learning*, 2013,
    equations 3 and 4; in the moved parameter as in Bengio, Boulanger-Lewandowski, Pascanu,
    *Advances in optimizing recurrent networks*, 2013, equation 7.
    """
    check_same_shape("nesterov_update", parameter=parameter, gradient=gradient, velocity=velocity)
    update = _update(_momentum_update_kernel, LOOKS_AHEAD=True)
    return run(update, _plain_nesterov, parameter, gradient, velocity, (learning_rate, momentum))


@torch.no_grad()
def adagrad_update(
    parameter: torch.Tensor,
    gradient: torch.Tensor,
    square_sum: torch.Tensor,
    learning_rate: float,
    epsilon: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return parameter and sum of squared gradients after one step of AdaGrad.

    square_sum' = square_sum + gradient²;
    parameter' = parameter - learning_rate * gradient / (sqrt(square_sum') + epsilon)

    Args:
        parameter: any shape, float32 or float64.
        gradient: of the loss with respect to the parameter, same shape and dtype.
        square_sum: sum of the squares of the past gradients, same shape and dtype; 0 at first.
        learning_rate: length of the first step.
        epsilon: keeps the divisor from 0; added outside the square root.

    Returns:
        New parameter and sum, of the same shape and dtype; not differentiable.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that differ.

    Source: Duchi, Hazan, Singer, *Adaptive subgradient methods for online learning and stochastic
    optimization*, 2011, section 1.1, the diagonal form.
    """
    check_same_shape(
        "adagrad_update", parameter=parameter, gradient=gradient, square_sum=square_sum
    )
    numbers = (learning_rate, epsilon)
    update = _update(_adagrad_update_kernel)
    return run(update, _plain_adagrad, parameter, gradient, square_sum, numbers)


@torch.no_grad()
def rmsprop_update(
    parameter: torch.Tensor,
    gradient: torch.Tensor,
    square_average: torch.Tensor,
    learning_rate: float,
    decay: float,
    epsilon: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return parameter and average squared gradient after one step of RMSProp.

    square_average' = decay * square_average + (1 - decay) * gradient²;
    parameter' = parameter - learning_rate * gradient / (sqrt(square_average') + epsilon)

    Args:
        parameter: any shape, float32 or float64.
        gradient: of the loss with respect to the parameter, same shape and dtype.
        square_average: moving average of the squared gradients, same shape and dtype; 0 at first.
        learning_rate: length of the step where the gradient keeps its size.
        decay: share of the average that is kept, in [0, 1).
        epsilon: keeps the divisor from 0; added outside the square root.

    Returns:
        New parameter and average, of the same shape and dtype; not differentiable.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that differ.

    Source: Tieleman, Hinton, *Neural Networks for Machine Learning*, lecture 6.5, 2012; with the epsilon
    of `torch.optim.RMSprop`.
    """
    check_same_shape(
        "rmsprop_update", parameter=parameter, gradient=gradient, square_average=square_average
    )
    numbers = (learning_rate, epsilon, 1 - decay)
    update = _update(_rmsprop_update_kernel)
    return run(update, _plain_rmsprop, parameter, gradient, square_average, numbers)


@torch.no_grad()
def adadelta_update(
    parameter: torch.Tensor,
    gradient: torch.Tensor,
    square_average: torch.Tensor,
    update_average: torch.Tensor,
    decay: float,
    epsilon: float,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return parameter and both averages after one step of AdaDelta.

    square_average' = decay * square_average + (1 - decay) * gradient²;
    update = sqrt(update_average + epsilon) / sqrt(square_average' + epsilon) * gradient;
    update_average' = decay * update_average + (1 - decay) * update²; parameter' = parameter - update

    Args:
        parameter: any shape, float32 or float64.
        gradient: of the loss with respect to the parameter, same shape and dtype.
        square_average: moving average of the squared gradients, same shape and dtype; 0 at first.
        update_average: moving average of the squared updates, same shape and dtype; 0 at first.
        decay: share of the averages that is kept, in [0, 1).
        epsilon: starts the first updates; added inside both square roots.

    Returns:
        New parameter and averages, of the same shape and dtype; not differentiable.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that differ.

    Source: Zeiler, *ADADELTA: an adaptive learning rate method*, 2012, algorithm 1.
    """
    check_same_shape(
        "adadelta_update",
        parameter=parameter,
        gradient=gradient,
        square_average=square_average,
        update_average=update_average,
    )
    state = (square_average, update_average)
    update = _update(_adadelta_update_kernel)
    return run(update, _plain_adadelta, parameter, gradient, *state, (epsilon, 1 - decay))


@torch.no_grad()
def adam_update(
    parameter: torch.Tensor,
    gradient: torch.Tensor,
    first_moment: torch.Tensor,
    second_moment: torch.Tensor,
    step: int,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return parameter and moments after one step of Adam.

    first_moment' = beta1 * first_moment + (1 - beta1) * gradient;
    second_moment' = beta2 * second_moment + (1 - beta2) * gradient²;
    m = first_moment' / (1 - beta1^step); v = second_moment' / (1 - beta2^step);
    parameter' = parameter - learning_rate * m / (sqrt(v) + epsilon)

    Args:
        parameter: any shape, float32 or float64.
        gradient: of the loss with respect to the parameter, same shape and dtype.
        first_moment: moving average of the gradients, same shape and dtype; 0 at first.
        second_moment: moving average of the squared gradients, same shape and dtype; 0 at first.
        step: number of this step, from 1.
        learning_rate: about the largest change of a parameter.
        beta1: share of the first moment that is kept, in [0, 1).
        beta2: share of the second moment that is kept, in [0, 1).
        epsilon: keeps the divisor from 0; added outside the square root, after the correction.

    Returns:
        New parameter and moments, of the same shape and dtype; not differentiable.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that differ, or a step below 1.

    Source: Kingma, Ba, *Adam: a method for stochastic optimization*, 2015, algorithm 1.
    """
    state = {"first_moment": first_moment, "second_moment": second_moment}
    return _adam(
        "adam_update", parameter, gradient, state, step, learning_rate, beta1, beta2, epsilon, 0.0
    )


@torch.no_grad()
def adamw_update(
    parameter: torch.Tensor,
    gradient: torch.Tensor,
    first_moment: torch.Tensor,
    second_moment: torch.Tensor,
    step: int,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    weight_decay: float,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return parameter and moments after one step of AdamW: Adam with decoupled weight decay.

    parameter' = (1 - learning_rate * weight_decay) * parameter - learning_rate * m / (sqrt(v) + epsilon),
    with the moments, m and v of `adam_update`, which the decay does not enter

    Args:
        parameter: any shape, float32 or float64.
        gradient: of the loss with respect to the parameter, same shape and dtype.
        first_moment: moving average of the gradients, same shape and dtype; 0 at first.
        second_moment: moving average of the squared gradients, same shape and dtype; 0 at first.
        step: number of this step, from 1.
        learning_rate: about the largest change of a parameter by the gradient.
        beta1: share of the first moment that is kept, in [0, 1).
        beta2: share of the second moment that is kept, in [0, 1).
        epsilon: keeps the divisor from 0; added outside the square root, after the correction.
        weight_decay: share of the parameter that is taken off per unit of learning rate.

    Returns:
        New parameter and moments, of the same shape and dtype; not differentiable.

    Raises:
        TypeError: not float32 or float64 tensors of one dtype.
        ValueError: shapes that differ, or a step below 1.

    Source: Loshchilov, Hutter, *Decoupled weight decay regularization*, 2019, algorithm 2, with the decay
    scaled by the learning rate as in `torch.optim.AdamW`.
    """
    state = {"first_moment": first_moment, "second_moment": second_moment}
    return _adam(
        "adamw_update",
        parameter,
        gradient,
        state,
        step,
        learning_rate,
        beta1,
        beta2,
        epsilon,
        weight_decay,
    )


def _adam(
    op: str,
    parameter: torch.Tensor,
    gradient: torch.Tensor,
    state: dict[str, torch.Tensor],
    step: int,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    weight_decay: float,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    check_same_shape(op, parameter=parameter, gradient=gradient, **state)
    if step < 1:
        raise ValueError(f"{op}: step is {step}; expected 1 for the first step.")
    numbers = (
        learning_rate,
        epsilon,
        1 - beta1,
        1 - beta2,
        1 - beta1**step,
        1 - beta2**step,
        1 - learning_rate * weight_decay,
    )
    update = _update(_adam_update_kernel)
    return run(update, _plain_adam, parameter, gradient, *state.values(), numbers)
