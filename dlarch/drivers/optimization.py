"""Drivers of chapter 05: several steps of an update rule, a schedule over iterations, the training loop."""

from collections.abc import Callable

import numpy as np

from dlarch.plain import PlainData, clone, describe, is_array


def several_steps(
    function: Callable, gradient: list[np.ndarray], returns: list[str], **arguments: PlainData
) -> PlainData:
    """Let an update rule make one step for each gradient, each from where the last one ended.

    Args:
        function: the learner's rule; gets `gradient=` one array and the other arguments by name.
        gradient: the gradients, one for each step.
        returns: names of the rule's results, in order: `parameter`, then what it remembers.
        arguments: parameter, memory and settings at the start; `step`, if there, counts on by itself.

    Returns:
        By name of the result, its value after every step: `{"velocity": {"step 1": ...}, ...}`.

    Raises:
        TypeError: the rule returns another number of results, or one that has not the gradient's shape.
    """
    trace: dict[str, dict[str, PlainData]] = {name: {} for name in returns}
    for number, slope in enumerate(gradient, 1):
        results = function(gradient=slope, **arguments)
        if results is None:
            return None
        if len(returns) == 1:
            results = (results,)
        if not isinstance(results, tuple | list) or len(results) != len(returns):
            came = f"{len(results)}" if isinstance(results, tuple | list) else "one"
            raise TypeError(
                f"expected {len(returns)} results ({', '.join(returns)}), {came} came back"
            )
        for name, value in zip(returns, results, strict=True):
            if not is_array(value) or value.shape != slope.shape:
                raise TypeError(
                    f"expected {name} as an array of shape {slope.shape}, {describe(value)} came back"
                )
            arguments[name] = value
            trace[name][f"step {number}"] = clone(value)
        if "step" in arguments:
            arguments["step"] += 1
    return trace


def every_iteration(
    function: Callable, iterations: int, **arguments: PlainData
) -> np.ndarray | None:
    """Give `function(t=t, iterations=iterations, **arguments)` for t = 1, …, iterations as an array."""
    values = [function(t=t, iterations=iterations, **arguments) for t in range(1, iterations + 1)]
    return None if any(value is None for value in values) else np.array(values)


def train(
    function: Callable,
    parameters: list[np.ndarray],
    x: np.ndarray,
    y: np.ndarray,
    batch_size: int,
    orders: np.ndarray,
    first_rate: float,
    rate_factor: float,
) -> PlainData:
    """Run a learner's training loop on a small model, with an update rule that remembers and counts.

    E = mean log cosh(x·θ₁ + x²·θ₂ + … + x^K·θ_K − y)
    the rule: θ ← θ − η (g + (g − g_before) / (1 + t)) with η = first_rate · rate_factor^t

    Args:
        function: the learner's loop, called with `parameters`, `x`, `y`, `loss_and_gradients`, `step`,
            `schedule`, `batch_size` and `orders`.
        parameters: θ₁ to θ_K, (D,) each.
        x, y: examples (N, D) with different first entries, targets (N,).
        batch_size: examples in a batch.
        orders: (epochs, N) integers, in each row the order of the examples in that epoch.
        first_rate, rate_factor: of the schedule.

    Returns:
        `batches`, the x that each call of `loss_and_gradients` got; `steps`, t and the learning rate of each
        call of `step`; `results`, what the loop returned.
    """
    batches: list[np.ndarray] = []
    steps: list[tuple[int, float]] = []

    def loss_and_gradients(
        parameters: list[np.ndarray], x_batch: np.ndarray, y_batch: np.ndarray
    ) -> tuple[float, list[np.ndarray]]:
        batches.append(clone(x_batch))
        powers = [x_batch**power for power in range(1, len(parameters) + 1)]
        outputs = [features @ theta for features, theta in zip(powers, parameters, strict=True)]
        error = sum(outputs) - y_batch
        slope = np.tanh(error) / len(error)
        return float(np.mean(np.log(np.cosh(error)))), [slope @ features for features in powers]

    def step(
        parameter: np.ndarray, gradient: np.ndarray, state: PlainData, t: int, learning_rate: float
    ) -> tuple[np.ndarray, np.ndarray]:
        steps.append((t, learning_rate))
        before = gradient if state is None else state
        return parameter - learning_rate * (gradient + (gradient - before) / (1 + t)), gradient

    results = function(
        parameters=parameters,
        x=x,
        y=y,
        loss_and_gradients=loss_and_gradients,
        step=step,
        schedule=lambda t: first_rate * rate_factor**t,
        batch_size=batch_size,
        orders=orders,
    )
    return {"batches": batches, "steps": steps, "results": results}
