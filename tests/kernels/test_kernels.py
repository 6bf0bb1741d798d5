"""Every op against the same function written plainly in float64: values and each gradient by name."""

import math
from collections.abc import Sequence

import pytest
import torch

from autograder.kernels.activations import activation, activation_backward
from autograder.kernels.attention import attention
from autograder.kernels.batch_norm import batch_norm
from autograder.kernels.bce_with_logits import bce_with_logits
from autograder.kernels.layer_norm import layer_norm
from autograder.kernels.optimizers import (
    adadelta_update,
    adagrad_update,
    adam_update,
    rmsprop_update,
)
from autograder.kernels.pooling import average_pool2d, max_pool2d
from autograder.kernels.softmax import log_softmax, softmax
from autograder.kernels.softmax_cross_entropy import softmax_cross_entropy
from tests.kernels.cases import CASES, Case, values

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
FIRST_CASES = {case.name.split("-")[0]: case for case in reversed(CASES)}.values()
one_of_each_op = pytest.mark.parametrize("case", FIRST_CASES, ids=lambda case: case.name)
each_differentiable_op = pytest.mark.parametrize(
    "case",
    [case for case in FIRST_CASES if case.is_differentiable],
    ids=lambda case: case.name,
)

kernels_alone = pytest.mark.parametrize(
    "device",
    ["one-block", "many-blocks", pytest.param("cuda", marks=pytest.mark.gpu)],
    indirect=True,
)


def cotangents(results: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return a random cotangent for each result."""
    generator = torch.Generator().manual_seed(21)
    return [
        torch.randn(result.shape, generator=generator, dtype=torch.float64).to(result)
        for result in results
    ]


def value_and_gradients(function, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return by name the function's values and, for random cotangents, the gradient of each input.

    Values that do not depend differentiably on the inputs take no part in the gradients.
    """
    results = values(function, inputs)
    named = {f"value {i}": result.detach() for i, result in enumerate(results)}
    differentiable = [result for result in results if result.requires_grad]
    if not differentiable:
        return named
    gradients = torch.autograd.grad(
        differentiable, tuple(inputs.values()), cotangents(differentiable)
    )
    return named | {f"d{name}": gradient for name, gradient in zip(inputs, gradients, strict=True)}


def truth(case: Case, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return value and gradients of the plain function in float64, on the very numbers of `inputs`."""
    exact = {
        name: tensor.detach().cpu().double().requires_grad_() for name, tensor in inputs.items()
    }
    return value_and_gradients(case.plain, exact)


def error(actual: torch.Tensor, expected: torch.Tensor) -> float:
    """Return the largest error relative to the largest expected value."""
    assert actual.shape == expected.shape, f"shape {actual.shape}, expected {expected.shape}"
    difference = (actual.detach().cpu().double() - expected).abs().max()
    return (difference / expected.abs().max().clamp(min=1e-30)).item()


@every_case
def test_value_and_every_gradient_match_float64(case, device, dtype):
    inputs = case.inputs(dtype, device)
    results = value_and_gradients(case.op, inputs)
    expected_results = truth(case, inputs)
    limit = 2e-6 if dtype == torch.float32 else 4e-15

    assert results.keys() == expected_results.keys()
    for name, expected in expected_results.items():
        assert results[name].dtype == dtype, f"{name} has dtype {results[name].dtype}"
        assert results[name].device.type == device.type, f"{name} is on {results[name].device}"
        assert error(results[name], expected) < limit, name


@kernels_alone
@every_case
def test_float32_is_as_accurate_as_pytorch(case, device):
    inputs = case.inputs(torch.float32, device)
    results = value_and_gradients(case.op, inputs)
    pytorch = value_and_gradients(case.plain, inputs)

    for name, expected in truth(case, inputs).items():
        allowed = 3 * error(pytorch[name], expected) + 2 * torch.finfo(torch.float32).eps
        assert error(results[name], expected) <= allowed, name


def _strided(tensor: torch.Tensor) -> torch.Tensor:
    """Return the same numbers with reversed dimension order in memory and every second element skipped."""
    reverse = tuple(reversed(range(tensor.dim())))
    storage = torch.full([2 * size for size in tensor.shape[::-1]], float("nan")).to(tensor)
    view = storage[tuple(slice(None, None, 2) for _ in reverse)].permute(reverse)
    view.copy_(tensor.detach())
    return view.requires_grad_()


@one_of_each_op
def test_non_contiguous_inputs_give_the_same(case, device, dtype):
    inputs = case.inputs(dtype, device)
    strided = {name: _strided(tensor) for name, tensor in inputs.items()}
    expected = value_and_gradients(case.op, inputs)

    for name, result in value_and_gradients(case.op, strided).items():
        torch.testing.assert_close(result, expected[name], msg=lambda text, n=name: f"{n}: {text}")


@each_differentiable_op
def test_expanded_cotangent_gives_the_same(case, device, dtype):
    inputs = case.inputs(dtype, device)
    value = values(case.op, inputs)[0]
    seed = torch.tensor(0.7, dtype=dtype, device=device)
    stored = torch.autograd.grad(
        value, tuple(inputs.values()), seed.repeat(value.shape), retain_graph=True
    )
    expanded = torch.autograd.grad(value, tuple(inputs.values()), seed.expand(value.shape))

    for name, one, other in zip(inputs, stored, expanded, strict=True):
        torch.testing.assert_close(one, other, msg=lambda text, n=name: f"{n}: {text}")


@each_differentiable_op
def test_one_input_alone_can_be_differentiated(case, device, dtype):
    inputs = case.inputs(dtype, device)
    everything = value_and_gradients(case.op, inputs)

    for wanted in inputs:
        tensors = {name: t.detach().requires_grad_(name == wanted) for name, t in inputs.items()}
        value = values(case.op, tensors)[0]
        (gradient,) = torch.autograd.grad(value, tensors[wanted], *cotangents([value]))
        torch.testing.assert_close(gradient, everything[f"d{wanted}"])


@one_of_each_op
def test_same_input_gives_the_same_bits(case, device):
    inputs = case.inputs(torch.float32, device)
    first = value_and_gradients(case.op, inputs)

    for name, second in value_and_gradients(case.op, inputs).items():
        assert torch.equal(first[name], second), name


@one_of_each_op
def test_inputs_stay_as_they_are(case, device):
    inputs = case.inputs(torch.float64, device)
    before = {name: tensor.detach().clone() for name, tensor in inputs.items()}
    value_and_gradients(case.op, inputs)

    for name, tensor in inputs.items():
        assert torch.equal(tensor.detach(), before[name]), name


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_activation_keeps_relative_accuracy_from_tiny_to_huge(name, device, dtype):
    magnitudes = torch.logspace(-6, 3, 400, dtype=torch.float64)
    x = torch.cat([-magnitudes, torch.zeros(1), magnitudes]).to(device, dtype).requires_grad_()
    exact = getattr(torch, name)(x.detach().cpu().double())
    output = activation(x, name)
    (gradient,) = torch.autograd.grad(output, x, torch.ones_like(output))

    # Below this the result or its inputs' exponential leaves the range of normal numbers.
    smallest = torch.finfo(dtype).tiny / torch.finfo(dtype).eps
    bound = 100 * torch.finfo(dtype).eps * (exact.abs() + smallest)
    assert ((output.detach().cpu().double() - exact).abs() <= bound).all()
    assert torch.isfinite(gradient).all()


@kernels_alone
@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_bce_stays_finite_and_keeps_small_losses(target, device, dtype):
    for value in (-1000.0, -30.0, -15.0, 0.0, 15.0, 30.0, 1000.0):
        logits = torch.full((3,), value, dtype=dtype, device=device, requires_grad=True)
        loss = bce_with_logits(logits, target)
        (gradient,) = torch.autograd.grad(loss, logits)
        wrong = value if target == 0 else -value
        expected = max(wrong, 0) + math.log1p(math.exp(-abs(wrong)))

        assert loss.item() == pytest.approx(expected, rel=1e-5, abs=1e-37)
        assert torch.isfinite(gradient).all()


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_softmax_cross_entropy_survives_large_logits(device, dtype):
    logits = torch.tensor([[1000.0, -1000.0, 999.0], [-2000.0, -2000.0, -2001.0]])
    logits = logits.to(device, dtype).requires_grad_()
    labels = torch.tensor([2, 1], device=device)
    results = value_and_gradients(lambda x: softmax_cross_entropy(x, labels), {"logits": logits})
    exact = logits.detach().cpu().double().requires_grad_()
    expected = value_and_gradients(
        lambda x: -torch.log_softmax(x, 1)[torch.arange(2), labels.cpu()].mean(), {"logits": exact}
    )

    for name in results:
        assert error(results[name], expected[name]) < 1e-5, name


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("op", [softmax, log_softmax], ids=["softmax", "log_softmax"])
def test_softmax_survives_large_logits(op, device, dtype):
    logits = torch.tensor([[1000.0, -1000.0, 999.0], [-2000.0, -2000.0, -2001.0]])
    logits = logits.to(device, dtype).requires_grad_()
    results = value_and_gradients(op, {"logits": logits})
    exact = logits.detach().cpu().double().requires_grad_()
    pytorch = torch.softmax if op is softmax else torch.log_softmax
    expected = value_and_gradients(lambda x: pytorch(x, 1), {"logits": exact})

    for name in results:
        assert error(results[name], expected[name]) < 1e-5, name


def test_batch_norm_keeps_the_variance_of_features_far_from_zero(device, dtype):
    x = torch.randn((262, 3), generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    x = (1000 + x).to(device, dtype)
    ones = torch.ones(3, dtype=dtype, device=device)
    out, mean, variance = batch_norm(x, ones, 0 * ones, 0.0)
    exact = x.cpu().double()

    torch.testing.assert_close(mean.cpu().double(), exact.mean(0), rtol=1e-6, atol=0)
    torch.testing.assert_close(
        variance.cpu().double(), exact.var(0, correction=0), rtol=1e-5, atol=0
    )
    assert out.mean(0).abs().max() < 1e-3


def test_layer_norm_keeps_the_variance_of_rows_far_from_zero(device, dtype):
    x = torch.randn((3, 262), generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    x = (1000 + x).to(device, dtype)
    ones = torch.ones(262, dtype=dtype, device=device)
    exact = x.cpu().double()
    expected = (exact - exact.mean(1, keepdim=True)) / exact.std(1, correction=0, keepdim=True)

    assert error(layer_norm(x, ones, 0 * ones, 0.0), expected) < 1e-4


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_query_that_may_see_nothing_gives_zeros_and_moves_nothing(device, dtype):
    case = next(case for case in CASES if case.name.startswith("attention"))
    q, k, v = case.inputs(dtype, device).values()
    mask = torch.zeros((*q.shape[:2], k.shape[1]), dtype=torch.bool, device=device)
    mask[1] = True
    out = attention(q, k, v, mask)
    gradients = torch.autograd.grad(out, (q, k, v), torch.ones_like(out))

    for result in (out, *gradients):
        assert torch.equal(result[0], torch.zeros_like(result[0]))
        assert result[1].isfinite().all()
        assert result[1].abs().max() > 0
    weights = attention(q, k, torch.eye(k.shape[1]).expand(2, -1, -1).to(v), mask)
    torch.testing.assert_close(weights.sum(2), mask.any(2).to(dtype))


def test_attention_in_tiles_for_a_gpu_gives_the_same(kernels, dtype, monkeypatch):
    """In float64 such tiles multiply term by term, which no other test here runs."""
    case = next(case for case in CASES if case.name.startswith("attention"))
    inputs = case.inputs(dtype, torch.device("cpu"))
    expected = value_and_gradients(case.op, inputs)
    monkeypatch.setattr("autograder.kernels.attention.is_compiled", lambda: True)

    for name, result in value_and_gradients(case.op, inputs).items():
        assert error(result, expected[name].double()) < 8 * torch.finfo(dtype).eps, name


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_attention_keeps_scores_of_thousands_and_ignores_a_masked_one(device, dtype):
    q = torch.tensor([[[2.0, 0.0]]], dtype=dtype, device=device)
    k = torch.tensor([[[-3e3, 1.0], [-3e3, 5.0], [3e3, 2.0]]], dtype=dtype, device=device)
    v = torch.tensor([[[1.0], [3.0], [100.0]]], dtype=dtype, device=device)
    mask = torch.tensor([[[True, True, False]]], device=device)

    assert attention(q, k, v, mask).item() == pytest.approx(2.0)
    assert attention(q, k, v, mask.new_ones(1, 1, 3)).item() == pytest.approx(100.0)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_optimizers_stand_still_where_gradient_and_state_are_zero(device, dtype):
    parameter = torch.tensor([3.0, -2.0, 0.5], dtype=dtype, device=device)
    zero = torch.zeros_like(parameter)
    for updated, *state in (
        adagrad_update(parameter, zero, zero, 0.1, 1e-8),
        rmsprop_update(parameter, zero, zero, 0.1, 0.9, 1e-8),
        adadelta_update(parameter, zero, zero, zero, 0.95, 1e-6),
        adam_update(parameter, zero, zero, zero, 1, 0.1, 0.9, 0.999, 1e-8),
    ):
        assert torch.equal(updated, parameter)
        assert all(torch.equal(tensor, zero) for tensor in state)


def test_first_step_of_adam_is_the_learning_rate_against_the_gradients_sign(device, dtype):
    gradient = torch.tensor([1e-3, -5.0, 200.0], dtype=dtype, device=device)
    zero = torch.zeros_like(gradient)
    updated, *_ = adam_update(zero, gradient, zero, zero, 1, 0.1, 0.9, 0.999, 1e-10)

    torch.testing.assert_close(updated, -0.1 * gradient.sign(), rtol=1e-6, atol=0)


def test_updates_leave_no_graph_behind(device, dtype):
    parameter = torch.ones(3, dtype=dtype, device=device, requires_grad=True)
    updated, square_sum = adagrad_update(parameter, 2 * parameter, parameter, 0.1, 1e-8)

    assert not updated.requires_grad
    assert not square_sum.requires_grad


def test_first_maximum_in_row_major_order_gets_the_gradient(device, dtype):
    image = [[1.0, 3.0, 3.0], [3.0, 3.0, 0.0], [3.0, 2.0, 3.0]]
    x = torch.tensor(image, dtype=dtype, device=device)[None, None].requires_grad_()
    output = max_pool2d(x, 2, 1)
    cotangent = torch.tensor([[10.0, 200.0], [3000.0, 40000.0]], dtype=dtype, device=device)
    (gradient,) = torch.autograd.grad(output, x, cotangent[None, None])

    expected = [[0.0, 210.0, 0.0], [3000.0, 40000.0, 0.0], [0.0, 0.0, 0.0]]
    assert output.flatten().tolist() == [3.0] * 4
    assert gradient[0, 0].tolist() == expected


def test_max_pool_of_negative_numbers_is_not_zero(device, dtype):
    x = -1 - torch.rand((2, 3, 7, 5), dtype=dtype).to(device)
    assert (max_pool2d(x, 3, 2) < -1).all()


def test_pooling_strides_by_the_window_unless_told(device, dtype):
    x = torch.randn((2, 3, 7, 9), dtype=dtype).to(device)
    for pool in (max_pool2d, average_pool2d):
        assert torch.equal(pool(x, (2, 3)), pool(x, (2, 3), (2, 3)))


@pytest.mark.parametrize("name", ["identity", "sigmoid", "tanh", "relu"])
def test_activation_backward_needs_the_output_alone(name, device, dtype):
    x = torch.randn((7, 5), dtype=dtype).to(device).requires_grad_()
    cotangent = torch.randn((7, 5), dtype=dtype).to(device)
    output = activation(x, name)
    (expected,) = torch.autograd.grad(output, x, cotangent)
    result = activation_backward(output.detach(), cotangent, name)

    torch.testing.assert_close(result, expected)


def test_relu_passes_no_gradient_at_zero(device, dtype):
    x = torch.tensor([-1.0, 0.0, 2.0], dtype=dtype, device=device, requires_grad=True)
    (gradient,) = torch.autograd.grad(activation(x, "relu"), x, torch.full_like(x, 3.0))
    assert gradient.tolist() == [0.0, 0.0, 3.0]
