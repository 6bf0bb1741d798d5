import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.regularization.shared import PAGE
from autograder.exercises.shared import LIBRARIES
from dlarch.plain import PlainData

early_stopping = Exercise(
    "early_stopping",
    signature=(
        "early_stopping(train_one_epoch: function of parameters, validation_error: function of parameters,"
        " parameters: list of arrays, patience: int, max_epochs: int)"
        " -> best: list of arrays, best_epoch: int"
    ),
    outputs=("epochs", "best_epoch", "best"),
    points=3,
    driver="regularization.scripted_training",
    forbids=LIBRARIES,
    section=PAGE + "early-stopping",
)


def _script(random, errors, patience, max_epochs=None):
    """Draw what the epochs do to the parameters; errors[0] is that of the start."""
    epochs = len(errors) - 1
    shapes = ((2, 3), (3,))
    return {
        "parameters": [random.normal(size=shape) for shape in shapes],
        "changes": [[random.normal(size=shape) for shape in shapes] for _ in range(epochs)],
        "errors": np.array(errors, dtype=np.float64) + 0.0,
        "patience": patience,
        "max_epochs": epochs if max_epochs is None else max_epochs,
    }


@early_stopping.case("up, down, and up for good")
def _(random) -> dict[str, PlainData]:
    errors = [9, 8, 6, 7, 6.5, 5, 4, 4.5, 5, 4.2, 4.8, 5.5, 3, 2]
    return _script(random, errors, patience=3)


@early_stopping.case("still falling at the end")
def _(random) -> dict[str, PlainData]:
    return _script(random, [5, 4, 4.5, 3.5, 3.6, 3.7, 3.1], patience=3)


@early_stopping.case("a plateau, patience 1")
def _(random) -> dict[str, PlainData]:
    return _script(random, [0.9, 0.7, 0.5, 0.5, 0.4, 0.3], patience=1)


@early_stopping.case("the start is better than what follows")
def _(random) -> dict[str, PlainData]:
    return _script(random, [0.1, 0.8, 0.9, 0.7, 0.75, 0.95, 0.6], patience=2)


@early_stopping.case("an error that is not a number")
def _(random) -> dict[str, PlainData]:
    return _script(random, [3, 2, np.nan, 1.8, 1.9, np.nan, 2.0, 1.9, 1.0], patience=3)


@early_stopping.case("one epoch")
def _(random) -> dict[str, PlainData]:
    return _script(random, [1.0, 2.0], patience=4)


@early_stopping.case("errors in the thousands")
def _(random) -> dict[str, PlainData]:
    errors = np.array([9.0, 7.3, 8.1, 6.4, 6.9, 7.2, 6.6, 5.0]) * 1e6
    return _script(random, errors, patience=3)


@early_stopping.case("errors in the billions", secret=True)
def _(random) -> dict[str, PlainData]:
    errors = np.array([8.0, 6.1, 5.9, 6.2, 6.0, 6.3, 5.0]) * 1e9
    return _script(random, errors, patience=2)


@early_stopping.case("a long training", secret=True)
def _(random) -> dict[str, PlainData]:
    t = np.arange(61)
    errors = np.exp(-t / 10) + t / 100 + 0.03 * np.sin(5 * t)
    return _script(random, errors, patience=7)


def _stop_early(
    train_one_epoch, validation_error, parameters, patience, max_epochs, first=0, strict=True,
    start=np.inf, reset=True, previous=False, wait=0, keep=lambda best, last: best, count=None,
    improved=None,
):  # fmt: skip
    """Train with early stopping, where parts of the rule can be changed."""
    improved = improved or (lambda e, lowest: e < lowest if strict else e <= lowest)
    lowest, bad = start, 0
    best, best_epoch = [array.copy() for array in parameters], 0
    epoch = 0
    for epoch in range(1, max_epochs + 1):
        train_one_epoch(parameters)
        error = validation_error(parameters)
        if improved(error, lowest):
            lowest, best_epoch = error, epoch
            best = [array.copy() for array in parameters]
            bad = 0 if reset else bad
        else:
            bad += 1
            if previous:
                lowest = error
            if bad >= patience + wait:
                break
    return keep(best, parameters), (
        best_epoch if count is None else count(best_epoch, epoch)
    ) - first


@early_stopping.reference
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(train_one_epoch, validation_error, parameters, patience, max_epochs)


@early_stopping.mistake(
    "last_parameters",
    "The epoch is right, but the parameters are those of the last epoch. Either you return the ones in training, or `best` is only "
    "another name for them: training changes the arrays in place, so keep a copy of each array.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs,
        keep=lambda best, last: last,
    )  # fmt: skip


@early_stopping.mistake(
    "last_parameters_and_last_epoch",
    "You stop at the right time and return the last epoch. It is `patience` epochs too late: what is wanted are the parameters "
    "(and the epoch) of the smallest validation error.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs,
        keep=lambda best, last: last, count=lambda best_epoch, epoch: epoch,
    )  # fmt: skip


@early_stopping.mistake(
    "counted_from_zero",
    "Everything is right but the number of the epoch, which is one too small: the first epoch is number 1.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(train_one_epoch, validation_error, parameters, patience, max_epochs, first=1)


@early_stopping.mistake(
    "stops_one_epoch_late",
    "You wait one epoch too long. Stop as soon as `patience` epochs in a row have brought no improvement, "
    "not when there is one more.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(train_one_epoch, validation_error, parameters, patience, max_epochs, wait=1)


@early_stopping.mistake(
    "stops_at_the_first_rise",
    "You stop when the validation error rises for the first time, whatever the patience. It is noisy: wait until `patience` "
    "epochs in a row have brought no improvement.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(train_one_epoch, validation_error, parameters, 1, max_epochs)


@early_stopping.mistake(
    "patience_never_renewed",
    "You count all epochs without improvement together. After an improvement the count begins again at 0.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs, reset=False
    )


@early_stopping.mistake(
    "never_stops",
    "You find the best parameters of all max_epochs epochs, but never stop before. After `patience` epochs without improvement "
    "the training ends.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(train_one_epoch, validation_error, parameters, max_epochs + 1, max_epochs)


@early_stopping.mistake(
    "compared_with_the_previous_epoch",
    "You compare the error with that of the epoch before. An improvement is a new lowest error: compare with the best so far.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs, previous=True
    )


@early_stopping.mistake(
    "equal_counts_as_better",
    "An epoch with the same error as the best so far counts as an improvement in your answer. Only a lower error does: "
    "on a plateau there is nothing to wait for.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs, strict=False
    )


@early_stopping.mistake(
    "start_takes_part",
    "You let the parameters from before the first epoch take part. Here only trained ones do: the first epoch is always an improvement "
    "(unless its error is not a number).",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs,
        start=validation_error(parameters),
    )  # fmt: skip


@early_stopping.mistake(
    "validates_before_training",
    "You ask for the validation error before the epoch is trained, so each error is credited to the parameters "
    "of one epoch later. Train first, then look.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    error_before = []

    def look_and_train(parameters):
        error_before[:] = [validation_error(parameters)]
        train_one_epoch(parameters)

    return _stop_early(look_and_train, lambda _: error_before[0], parameters, patience, max_epochs)


@early_stopping.mistake(
    "nan_is_an_improvement",
    "An error that is not a number counts as an improvement in your answer. Every comparison with nan is False, `error >= best` too: "
    "ask for the improvement, not for its absence.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs,
        improved=lambda error, lowest: not error >= lowest,
    )  # fmt: skip


@early_stopping.mistake(
    "nan_is_not_waiting",
    "An error that is not a number is neither an improvement nor counted as waiting in your answer. Every comparison with nan "
    "is False: count an epoch whenever it brought no improvement, whatever its error is.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    lowest, bad = np.inf, 0
    best, best_epoch = [array.copy() for array in parameters], 0
    for epoch in range(1, max_epochs + 1):
        train_one_epoch(parameters)
        error = validation_error(parameters)
        if error < lowest:
            lowest, best_epoch, bad = error, epoch, 0
            best = [array.copy() for array in parameters]
        elif error >= lowest:
            bad += 1
            if bad >= patience:
                break
    return best, best_epoch


def _starting_from(guess):
    def answer(train_one_epoch, validation_error, parameters, patience, max_epochs):
        return _stop_early(
            train_one_epoch, validation_error, parameters, patience, max_epochs, start=guess
        )

    return answer


early_stopping.mistake(
    "starts_from_a_guess",
    "You start with a number that you took for large. An error may be larger: then no epoch is ever an improvement. "
    "The first epoch is always one, unless its error is not a number.",
)(_starting_from(100.0))
for guess in (1.0, 10.0, 1e3, 1e4, 1e5, 1e6):
    early_stopping.mistake("starts_from_a_guess")(_starting_from(guess))


@early_stopping.mistake(
    "one_epoch_fewer",
    "You train at most max_epochs − 1 epochs: range(1, max_epochs) ends before max_epochs.",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(train_one_epoch, validation_error, parameters, patience, max_epochs - 1)


@early_stopping.mistake(
    "largest_error",
    "You keep the parameters with the largest validation error. (Of an accuracy the largest would be best; of an error it is the smallest.)",
)
def _(train_one_epoch, validation_error, parameters, patience, max_epochs):
    return _stop_early(
        train_one_epoch, validation_error, parameters, patience, max_epochs,
        start=-np.inf, improved=lambda error, highest: error > highest,
    )  # fmt: skip


@early_stopping.alternative
def with_history(train_one_epoch, validation_error, parameters, patience, max_epochs):
    import copy

    errors, snapshots = [], []
    while len(errors) < max_epochs:
        parameters = train_one_epoch(parameters)
        error = validation_error(parameters)
        errors.append(np.inf if np.isnan(error) else error)
        snapshots.append(copy.deepcopy(parameters))
        if len(errors) - 1 - int(np.argmin(errors)) >= patience:
            break
    best = int(np.argmin(errors))
    return snapshots[best], best + 1


@early_stopping.alternative
def with_a_tuple_of_copies(train_one_epoch, validation_error, parameters, patience, max_epochs):
    lowest, best, best_epoch, epoch = float("inf"), None, 0, 0
    while epoch < max_epochs and epoch - best_epoch < patience:
        train_one_epoch(parameters)
        epoch += 1
        error = validation_error(parameters)
        if error < lowest:
            lowest, best_epoch = error, np.int64(epoch)
            best = tuple(array.astype(np.float32) for array in parameters)
    return best, best_epoch


@early_stopping.alternative
def training_copies(train_one_epoch, validation_error, parameters, patience, max_epochs):
    lowest, waiting = np.inf, patience
    for epoch in range(max_epochs):
        parameters = [np.array(array) for array in parameters]
        train_one_epoch(parameters)
        error = validation_error(parameters)
        waiting -= 1
        if error < lowest:
            lowest, best, best_epoch, waiting = error, parameters, epoch + 1, patience
        if waiting == 0:
            break
    return [best, best_epoch]
