import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.mlp.shared import PAGE
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.checks_file import Part
from dlarch.plain import PlainData

SAME_SHAPES = (
    "several outputs",
    "one output",
    "one example",
    "large batch",
)

OTHER_SHAPES = (
    "targets without the axis of the outputs",
    "outputs without an axis",
    "one target for all",
    "one output for several targets",
    "examples and outputs swapped",
    "one prediction for all targets",
    SAME_SHAPES[0],
)
"""An answer that always raises is not right about shapes: one case fits."""

mse = Exercise(
    "mse",
    signature=(
        "mse(prediction: (N, K) float64, target: (N, K) float64)"
        " -> E: float, or ValueError if the shapes differ"
    ),
    outputs=("E",),
    form="transcribe",
    parts={"value": Part(1, cases=SAME_SHAPES), "shapes": Part(1, cases=OTHER_SHAPES)},
    forbids=LIBRARIES,
    section=PAGE + "regression",
)


def _add_regression(name, prediction, target, secret=False):
    @mse.case(name, secret=secret, raises=None if prediction == target else "ValueError")
    def _(random) -> dict[str, PlainData]:
        return {
            "prediction": random.normal(size=prediction),
            "target": 1 + random.normal(size=target),
        }


_add_regression("several outputs", (5, 3), (5, 3))


_add_regression("one output", (7, 1), (7, 1))


_add_regression("one example", (1, 4), (1, 4))


_add_regression("large batch", (70, 9), (70, 9), secret=True)


_add_regression("targets without the axis of the outputs", (6, 1), (6,))


_add_regression("outputs without an axis", (4,), (4, 1))


_add_regression("one target for all", (5, 2), (1, 2))


_add_regression("one output for several targets", (6, 1), (6, 3))


_add_regression("one prediction for all targets", (1, 3), (5, 3), secret=True)


_add_regression("examples and outputs swapped", (3, 4), (4, 3))


@mse.reference
def _(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError(f"expected target of shape {prediction.shape}, got {target.shape}")
    from autograder.kernels.matmul import matmul

    difference = as_tensor((prediction - target).reshape(1, -1))
    return matmul(difference, difference.T).item() / len(prediction)


def _summed(prediction, target):
    return np.sum((prediction - target) ** 2) / len(prediction)


def _compared(value):
    """Make an answer that compares the shapes and then gives `value` of prediction and target."""

    def answer(prediction, target):
        if prediction.shape != target.shape:
            raise ValueError("the shapes differ")
        return value(prediction, target)

    return answer


@mse.mistake(
    "shapes_not_compared",
    "You do not compare the shapes, and NumPy does not complain: (6, 1) minus (6,) is broadcast to (6, 6), every "
    "prediction against every target. The loss looks plausible and is wrong. Raise a ValueError when the shapes differ.",
    PAGE + "broadcast",
)
def _(prediction, target):
    return np.mean(np.sum((prediction - target) ** 2, axis=1))


@mse.mistake(
    "axes_counted",
    "You compare how many axes there are. (5, 2) and (1, 2) both have two, and are broadcast all the same: compare the "
    "shapes themselves.",
    PAGE + "broadcast",
)
def _(prediction, target):
    if prediction.ndim != target.ndim:
        raise ValueError
    return _summed(prediction, target)


@mse.mistake(
    "lengths_compared",
    "You compare how many examples there are. (6, 1) and (6,) agree in that, and are broadcast to (6, 6) all the same: "
    "compare the whole shapes.",
    PAGE + "broadcast",
)
def _(prediction, target):
    if len(prediction) != len(target):
        raise ValueError
    return _summed(prediction, target)


@mse.mistake(
    "outputs_compared",
    "You compare how many outputs there are, the last axis. (5, 2) and (1, 2) agree in that, and are broadcast all the "
    "same: compare the whole shapes.",
    PAGE + "broadcast",
)
def _(prediction, target):
    if prediction.shape[-1] != target.shape[-1]:
        raise ValueError
    return _summed(prediction, target)


@mse.mistake(
    "sizes_compared",
    "You compare how many numbers there are. (4,) and (4, 1) have four each, and are broadcast to (4, 4) all the same: "
    "compare the shapes themselves.",
    PAGE + "broadcast",
)
def _(prediction, target):
    if prediction.size != target.size:
        raise ValueError
    return _summed(prediction, target)


@mse.mistake(
    "made_to_fit",
    "You reshape the target until it fits. That guesses what the caller meant, and for (3, 4) and (4, 3) it pairs "
    "numbers that do not belong together. Raise a ValueError, so that the caller can look.",
    PAGE + "broadcast",
)
def _(prediction, target):
    return _summed(prediction, target.reshape(prediction.shape))


mse.mistake(
    "mean_over_everything",
    "You take the mean over the outputs as well, as torch.nn.MSELoss does. Here, as in the lectures, an example's loss is "
    "the squared length ‖prediction − target‖², a sum over its outputs; the mean is over the N examples only.",
)(_compared(lambda p, t: np.mean((p - t) ** 2)))


mse.mistake(
    "mean_over_the_outputs",
    "You divide by the number of outputs. The squared length of an example is a sum over its outputs; the mean goes over "
    "the N examples.",
)(_compared(lambda p, t: np.sum((p - t) ** 2) / p.shape[1]))


mse.mistake(
    "sum_over_the_batch",
    "You add up over the examples. The loss of a batch is the mean over its N examples, so that it does not grow with "
    "the batch.",
)(_compared(lambda p, t: np.sum((p - t) ** 2)))


mse.mistake(
    "halved",
    "Your loss is half of what is asked for. With ½ in front the derivative looks nicer (chapter 4 uses it); this task "
    "has none.",
)(_compared(lambda p, t: np.sum((p - t) ** 2) / (2 * len(p))))


mse.mistake(
    "halved_sum",
    "You give ½ Σ‖prediction − target‖², the error of one lecture: with a factor ½, and summed over the examples. This "
    "task asks for the mean over the N examples, without ½.",
)(_compared(lambda p, t: np.sum((p - t) ** 2) / 2))


mse.mistake(
    "root",
    "You take a square root at the end. The root mean squared error is good for reporting, in the unit of the target; "
    "the loss is the mean of the squares.",
)(_compared(lambda p, t: np.sqrt(np.sum((p - t) ** 2) / len(p))))


mse.mistake(
    "lengths_not_squared",
    "You average the lengths ‖prediction − target‖. The loss is the mean of their squares.",
)(_compared(lambda p, t: np.mean(np.linalg.norm(p - t, axis=1))))


mse.mistake(
    "absolute_error",
    "You add up absolute values. The squared error squares each difference: large errors count far more.",
)(_compared(lambda p, t: np.sum(np.abs(p - t)) / len(p)))


mse.mistake(
    "square_of_the_mean",
    "You square after averaging, so that errors of opposite signs cancel. Square each difference first.",
)(_compared(lambda p, t: np.sum(np.mean(p - t, axis=0) ** 2)))


mse.mistake(
    "one_loss_per_example",
    "You return one number for each example. The loss of a batch is one number, the mean over its examples.",
)(_compared(lambda p, t: np.sum((p - t) ** 2, axis=1)))


mse.mistake(
    "one_loss_per_output",
    "You return one number for each output, a mean over the examples. What remains is the sum over the outputs.",
)(_compared(lambda p, t: np.mean((p - t) ** 2, axis=0)))


@mse.alternative
def with_loops(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError
    total = 0.0
    for p, t in zip(prediction, target, strict=True):
        total += sum((p_k - t_k) ** 2 for p_k, t_k in zip(p, t, strict=True))
    return total / len(prediction)


@mse.alternative
def with_the_frobenius_norm(prediction, target):
    if np.shape(prediction) != np.shape(target):
        raise ValueError("shapes")
    return np.linalg.norm(prediction - target) ** 2 / prediction.shape[0]


@mse.alternative
def with_einsum(prediction, target):
    if prediction.ndim != target.ndim or any(
        p != t for p, t in zip(prediction.shape, target.shape, strict=True)
    ):
        raise ValueError(f"{prediction.shape} is not {target.shape}")
    d = (prediction - target).astype(np.float32)
    return np.einsum("nk,nk->n", d, d).mean()
