import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.regularization.shared import PAGE
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

bagged_prediction = Exercise(
    "bagged_prediction",
    signature=(
        "bagged_prediction(fit: function of x and t, x: (N, ...) float64, t: (N, ...) float64,"
        " samples: (M, N) int64, x_new: (P, ...) float64) -> prediction: (P, ...) float64"
    ),
    outputs=("prediction",),
    form="transcribe",
    points=2,
    driver="regularization.fitted_polynomials",
    forbids=LIBRARIES,
    section=PAGE + "bagging",
)


def _resampled(random, N, M, P, degree, outputs=()):
    x = random.permutation(np.linspace(-1, 1, N)) + 0.05 * random.normal(size=N)
    return {
        "x": x,
        "t": random.normal(size=(N, *outputs))
        + np.expand_dims(x, tuple(range(1, 1 + len(outputs)))),
        "samples": random.integers(0, N, size=(M, N)),
        "x_new": random.uniform(-1, 1, size=P),
        "degree": degree,
    }


@bagged_prediction.case("four models of degree 3")
def _(random) -> dict[str, PlainData]:
    return _resampled(random, 9, 4, 7, 3)


@bagged_prediction.case("five models with three outputs")
def _(random) -> dict[str, PlainData]:
    return _resampled(random, 8, 5, 6, 2, outputs=(3,))


@bagged_prediction.case("three models, one new example")
def _(random) -> dict[str, PlainData]:
    return _resampled(random, 6, 3, 1, 1)


@bagged_prediction.case("one model")
def _(random) -> dict[str, PlainData]:
    return _resampled(random, 7, 1, 5, 2)


@bagged_prediction.case("many models", secret=True)
def _(random) -> dict[str, PlainData]:
    return _resampled(random, 31, 25, 40, 4, outputs=(2,))


@bagged_prediction.case("as many models as examples")
def _(random) -> dict[str, PlainData]:
    return _resampled(random, 4, 4, 4, 1)


@bagged_prediction.case("as many models as examples, more of both", secret=True)
def _(random) -> dict[str, PlainData]:
    return _resampled(random, 6, 6, 6, 2)


def _predictions(fit, x, t, samples, x_new):
    return np.stack([fit(x[rows], t[rows])(x_new) for rows in samples])


@bagged_prediction.reference
def _(fit, x, t, samples, x_new):
    from autograder.kernels.matmul import matmul

    predictions = _predictions(fit, x, t, samples, x_new)
    M = len(predictions)
    mean = matmul(as_tensor(np.full((1, M), 1 / M)), as_tensor(predictions.reshape(M, -1)))
    return mean.numpy().reshape(predictions.shape[1:])


@bagged_prediction.mistake(
    "no_resampling",
    "Every model gets the whole training set, so all of them are the same. Model m learns from the examples in row m of `samples`.",
)
def _(fit, x, t, samples, x_new):
    return fit(x, t)(x_new)


@bagged_prediction.mistake(
    "targets_not_resampled",
    "You resample the inputs and leave the targets in their old order: examples are paired with the targets of others. "
    "The same rows have to be taken from x and from t.",
)
def _(fit, x, t, samples, x_new):
    return np.mean([fit(x[rows], t)(x_new) for rows in samples], axis=0)


@bagged_prediction.mistake(
    "inputs_not_resampled",
    "You resample the targets and leave the inputs in their old order: examples are paired with the targets of others. "
    "The same rows have to be taken from x and from t.",
)
def _(fit, x, t, samples, x_new):
    return np.mean([fit(x, t[rows])(x_new) for rows in samples], axis=0)


@bagged_prediction.mistake(
    "duplicates_removed",
    "You take every example of a sample once. In a bootstrap sample some examples stand twice or more, and count so often.",
)
def _(fit, x, t, samples, x_new):
    return _predictions(fit, x, t, [np.unique(rows) for rows in samples], x_new).mean(axis=0)


@bagged_prediction.mistake(
    "left_out_examples",
    "Your models learn from the examples that are not in their sample. Those are good for judging a model (out of the bag); "
    "it learns from the ones that are in it.",
)
def _(fit, x, t, samples, x_new):
    others = [np.setdiff1d(np.arange(len(x)), rows) for rows in samples]
    return _predictions(fit, x, t, others, x_new).mean(axis=0)


@bagged_prediction.mistake(
    "last_model",
    "You return what the last model says. The bag's answer is the mean of all models.",
)
def _(fit, x, t, samples, x_new):
    return _predictions(fit, x, t, samples, x_new)[-1]


@bagged_prediction.mistake(
    "first_model",
    "You return what the first model says (is there a `return` inside the loop?). The bag's answer is the mean of all models.",
)
def _(fit, x, t, samples, x_new):
    return _predictions(fit, x, t, samples, x_new)[0]


@bagged_prediction.mistake(
    "summed",
    "You add the models' predictions up. Divide by their number.",
)
def _(fit, x, t, samples, x_new):
    return _predictions(fit, x, t, samples, x_new).sum(axis=0)


@bagged_prediction.mistake(
    "divided_by_the_examples",
    "You divide the sum of the predictions by N, the number of examples. There are M predictions to average, one for each model.",
)
def _(fit, x, t, samples, x_new):
    return _predictions(fit, x, t, samples, x_new).sum(axis=0) / samples.shape[1]


@bagged_prediction.mistake(
    "all_predictions",
    "You return the predictions of all models, one beside the other. Average them: the result is shaped like one prediction.",
)
def _(fit, x, t, samples, x_new):
    return _predictions(fit, x, t, samples, x_new)


@bagged_prediction.mistake(
    "averaged_over_everything",
    "You average over models and examples together, down to one number (np.mean without an axis does). "
    "Average over the models alone.",
)
def _(fit, x, t, samples, x_new):
    return float(_predictions(fit, x, t, samples, x_new).mean())


@bagged_prediction.mistake(
    "median",
    "You take the median of the models' predictions. Bagging averages them.",
)
def _(fit, x, t, samples, x_new):
    return np.median(_predictions(fit, x, t, samples, x_new), axis=0)


@bagged_prediction.mistake(
    "samples_joined",
    "You put all samples into one large training set and fit a single model. Bagging fits one model for each sample "
    "and averages what they say.",
)
def _(fit, x, t, samples, x_new):
    rows = samples.ravel()
    return fit(x[rows], t[rows])(x_new)


@bagged_prediction.alternative
def with_a_running_sum(fit, x, t, samples, x_new):
    total = 0
    for m in range(len(samples)):
        model = fit(x[samples[m]], t[samples[m]])
        total = total + model(x_new)
    return total / len(samples)


@bagged_prediction.alternative
def with_a_running_mean(fit, x, t, samples, x_new):
    mean = 0
    for count, rows in enumerate(samples, start=1):
        mean += (fit(x[rows], t[rows])(x_new) - mean) / count
    return mean.astype(np.float32)


@bagged_prediction.alternative
def one_example_after_the_other(fit, x, t, samples, x_new):
    models = [
        fit(np.array([x[i] for i in rows]), np.array([t[i] for i in rows])) for rows in samples
    ]
    rows = range(len(x_new))
    return np.array(
        [np.mean([model(x_new[i : i + 1])[0] for model in models], axis=0) for i in rows]
    )
