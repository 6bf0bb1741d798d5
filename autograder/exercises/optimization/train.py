import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import PAGE
from autograder.exercises.shared import LIBRARIES
from dlarch.plain import PlainData

train = Exercise(
    "train",
    signature=(
        "train(parameters: list of arrays, x: (N, D) float64, y: (N,) float64,"
        " loss_and_gradients: function, step: function, schedule: function, batch_size: int,"
        " orders: (epochs, N) int64) -> parameters: list of arrays, losses: (iterations,) float64"
    ),
    outputs=("examples", "t", "learning_rates", "losses", "parameters"),
    points=4,
    driver="optimization.train",
    forbids=LIBRARIES,
    section=PAGE + "loop",
)


def _training(random, N, D, batch_size, epochs, arrays=2):
    return {
        "parameters": [random.normal(size=D) for _ in range(arrays)],
        "x": random.normal(size=(N, D)),
        "y": random.normal(size=N),
        "batch_size": batch_size,
        "orders": np.array([random.permutation(N) for _ in range(epochs)]),
        "first_rate": float(random.uniform(0.2, 0.4)),
        "rate_factor": float(random.uniform(0.85, 0.95)),
    }


@train.case("two epochs, a smaller last batch")
def _(random) -> dict[str, PlainData]:
    return _training(random, 8, 3, 3, 2)


@train.case("three epochs, equal batches")
def _(random) -> dict[str, PlainData]:
    return _training(random, 4, 2, 2, 3)


@train.case("all examples fit in one batch")
def _(random) -> dict[str, PlainData]:
    return _training(random, 5, 4, 7, 3)


@train.case("one example at a time, one feature")
def _(random) -> dict[str, PlainData]:
    return _training(random, 4, 1, 1, 2)


@train.case("one epoch, one array")
def _(random) -> dict[str, PlainData]:
    return _training(random, 5, 2, 2, 1, arrays=1)


@train.case("three arrays, a last batch of one")
def _(random) -> dict[str, PlainData]:
    return _training(random, 7, 2, 3, 2, arrays=3)


@train.case("one example at a time, more epochs", secret=True)
def _(random) -> dict[str, PlainData]:
    return _training(random, 7, 1, 1, 4)


@train.case("many epochs", secret=True)
def _(random) -> dict[str, PlainData]:
    return _training(random, 29, 5, 8, 6)


def _loop(
    parameters, x, y, loss_and_gradients, step, schedule, batch_size, orders,
    shuffled=True, labels_shuffled=True, last_batch=True, first_order=False,
    count="iterations", rate="iterations", first=1, first_rate=1,
    memory="kept", sequential=False, loss="before", in_place=False, descend=True, steps_counted=False,
):  # fmt: skip
    """Run the loop with one part of it done otherwise."""
    if not in_place:
        parameters = list(parameters)
    states, losses, t, steps = [None] * len(parameters), [], 0, 0
    previous = None
    for epoch, order in enumerate(orders):
        if shuffled == "again":
            order = order if previous is None else previous[order]
            previous = order
        if not shuffled:
            order = np.arange(len(x))
        elif first_order:
            order = orders[0]
        if memory == "lost every epoch":
            states = [None] * len(parameters)
        starts = range(0, len(x), batch_size)
        if not last_batch:
            starts = range(0, len(x) - batch_size + 1, batch_size)
        for number, start in enumerate(starts):
            rows = order[start : start + batch_size]
            targets = y[rows] if labels_shuffled else y[start : start + batch_size]
            numbers = {"iterations": t, "epochs": epoch, "batches": number, "nothing": 0}
            at, rate_at = numbers[count] + first, numbers[rate] + first * first_rate
            value, gradients = loss_and_gradients(parameters, x[rows], targets)
            if loss != "after":
                losses.append(value)
            if memory == "lost every iteration":
                states = [None] * len(parameters)
            for index in range(len(parameters)):
                if sequential and index:
                    _, gradients = loss_and_gradients(parameters, x[rows], targets)
                memory_at = 0 if memory == "shared" else index
                if steps_counted:
                    steps += 1
                    at = rate_at = steps
                new, states[memory_at] = step(
                    parameters[index], gradients[index], states[memory_at], at, schedule(rate_at)
                )
                if descend:
                    parameters[index] = new
            if loss == "after":
                losses.append(loss_and_gradients(parameters, x[rows], targets)[0])
            t += 1
    if loss in PER_EPOCH:
        losses = [PER_EPOCH[loss](epoch) for epoch in np.array_split(losses, len(orders))]
    return parameters, losses


PER_EPOCH = {
    "mean of the epoch": np.mean,
    "sum of the epoch": np.sum,
    "last of the epoch": lambda losses: losses[-1],
}


@train.reference
def _(parameters, x, y, loss_and_gradients, step, schedule, batch_size, orders):
    return _loop(parameters, x, y, loss_and_gradients, step, schedule, batch_size, orders)


@train.mistake(
    "order_not_used",
    "You take the examples in the order of the rows in every epoch. Each epoch has its own row of `orders`.",
)
def _(**task):
    return _loop(**task, shuffled=False)


@train.mistake(
    "first_order_for_all_epochs",
    "You use the first row of `orders` in every epoch. Shuffling once is not enough: the batches of all epochs would be "
    "the same.",
)
def _(**task):
    return _loop(**task, first_order=True)


@train.mistake(
    "labels_left_behind",
    "You shuffle the inputs, but not the targets with them: each example gets the target of another one.",
)
def _(**task):
    return _loop(**task, labels_shuffled=False)


@train.mistake(
    "last_batch_dropped",
    "The examples at the end of an epoch that do not fill a batch are never used. The last batch may be smaller.",
    PAGE + "batches",
)
def _(**task):
    return _loop(**task, last_batch=False)


@train.mistake(
    "epochs_counted",
    "Your t counts epochs. It counts iterations, that is updates, through all epochs: bias correction and schedule "
    "depend on it.",
)
def _(**task):
    return _loop(**task, count="epochs", rate="epochs")


@train.mistake(
    "count_restarts_every_epoch",
    "Your t starts again at 1 in every epoch. It counts the iterations of the whole training.",
)
def _(**task):
    return _loop(**task, count="batches", rate="batches")


@train.mistake(
    "counted_from_0",
    "Your t starts at 0. The first iteration has number 1.",
)
def _(**task):
    return _loop(**task, first=0)


@train.mistake(
    "schedule_by_epoch",
    "You ask the schedule with the number of the epoch. It wants the number t of the iteration, as `step` does.",
    PAGE + "schedule",
)
def _(**task):
    return _loop(**task, rate="epochs")


@train.mistake(
    "memory_lost_every_iteration",
    "You give `step` the state None in every iteration, so that it never remembers anything. Keep what it returns, and "
    "hand it in the next time.",
)
def _(**task):
    return _loop(**task, memory="lost every iteration")


@train.mistake(
    "memory_lost_every_epoch",
    "You forget all states at the start of every epoch. They are None once, before the first iteration.",
)
def _(**task):
    return _loop(**task, memory="lost every epoch")


@train.mistake(
    "memory_shared",
    "All your parameters share one state: the memory of one array is used for the next. Each needs a state of its own.",
)
def _(**task):
    return _loop(**task, memory="shared")


@train.mistake(
    "gradients_computed_again",
    "You compute the gradients anew after each parameter's step, some of them at parameters that are half old, half "
    "new. One call of `loss_and_gradients` gives the gradients of all parameters at one point; then all take their step.",
)
def _(**task):
    return _loop(**task, sequential=True)


@train.mistake(
    "loss_after_the_step",
    "You call `loss_and_gradients` a second time for the loss after the step. What is recorded is the loss that comes "
    "with the gradients: it costs nothing.",
)
def _(**task):
    return _loop(**task, loss="after")


@train.mistake(
    "in_place",
    "The numbers are right, but the caller's list of parameters is changed, too: `parameters[i] = …` works in place. "
    "Start with a copy of the list.",
)
def _(**task):
    return _loop(**task, in_place=True)


@train.mistake("in_place")
def _(parameters, **task):
    trained, losses = _loop(parameters, **task)
    for array, new in zip(parameters, trained, strict=True):
        array[:] = new
    return trained, losses


@train.mistake(
    "shuffled_again",
    "You shuffle what is shuffled already: `x = x[order]` keeps the order of the last epoch, and the next one is taken from "
    "there. Every row of `orders` counts the examples as they came.",
)
def _(**task):
    return _loop(**task, shuffled="again")


@train.mistake(
    "one_loss_for_each_epoch",
    "You record one loss for each epoch. What is asked for is the loss of every iteration.",
)
def _(**task):
    return _loop(**task, loss="mean of the epoch")


@train.mistake("one_loss_for_each_epoch")
def _(**task):
    return _loop(**task, loss="sum of the epoch")


@train.mistake("one_loss_for_each_epoch")
def _(**task):
    return _loop(**task, loss="last of the epoch")


@train.mistake("one_loss_for_each_epoch")
def _(**task):
    trained, losses = _loop(**task)
    N, epochs = len(task["x"]), len(task["orders"])
    starts = np.tile(np.arange(0, N, task["batch_size"]), epochs)
    sums = np.array(losses) * np.minimum(task["batch_size"], N - starts)
    return trained, sums.reshape(epochs, -1).sum(axis=1) / N


@train.mistake(
    "losses_summed",
    "You record the losses times the size of the batch. What is asked for is the mean loss, as it came.",
)
def _(**task):
    trained, losses = _loop(**task)
    N, epochs = len(task["x"]), len(task["orders"])
    starts = np.tile(np.arange(0, N, task["batch_size"]), epochs)
    return trained, np.array(losses) * np.minimum(task["batch_size"], N - starts)


@train.mistake(
    "count_raised_for_each_array",
    "Your t grows with every call of `step`. All arrays take part in the same iteration, so t grows once for all of them.",
)
def _(**task):
    return _loop(**task, steps_counted=True)


@train.mistake(
    "schedule_counted_from_0",
    "You ask the schedule with t − 1. Its first iteration has number 1, as that of `step` has.",
)
def _(**task):
    return _loop(**task, first_rate=0)


@train.mistake(
    "rate_never_changes",
    "You ask the schedule once, and use this rate for the whole training.",
)
def _(**task):
    return _loop(**task, rate="nothing")


@train.mistake(
    "two_arrays_only",
    "You count on a network with two arrays. A list of parameters may have any length: go through it.",
)
def _(parameters, **task):
    _first, _second = parameters
    return _loop(parameters, **task)


@train.mistake(
    "steps_not_kept",
    "The parameters stay as they were at the start: what `step` returns has to take the old parameter's place.",
)
def _(**task):
    return _loop(**task, descend=False)


@train.mistake(
    "first_epoch_only",
    "You stop after one epoch. There is an epoch for each row of `orders`.",
)
def _(orders, **task):
    return _loop(orders=orders[:1], **task)


@train.mistake(
    "all_examples_in_every_iteration",
    "You use all examples in every update: that is batch gradient descent, with one iteration in each epoch. "
    "Cut the order into batches.",
    PAGE + "batches",
)
def _(batch_size, x, **task):
    return _loop(batch_size=len(x), x=x, **task)


@train.alternative
def with_zip_and_split(parameters, x, y, loss_and_gradients, step, schedule, batch_size, orders):
    states, losses = [None for _ in parameters], []
    for order in orders:
        for rows in np.split(order, range(batch_size, len(order), batch_size)):
            loss, gradients = loss_and_gradients(parameters, x[rows], y[rows])
            losses.append(loss)
            results = [
                step(parameter, gradient, state, len(losses), schedule(len(losses)))
                for parameter, gradient, state in zip(parameters, gradients, states, strict=True)
            ]
            parameters = [parameter for parameter, _ in results]
            states = [state for _, state in results]
    return tuple(parameters), np.array(losses)


@train.alternative
def with_shuffled_copies(parameters, x, y, loss_and_gradients, step, schedule, batch_size, orders):
    arrays, memory = dict(enumerate(parameters)), {}
    losses = np.empty(0, dtype=np.float32)
    t = 0
    for order in orders:
        x_epoch, y_epoch = x[order], y[order]
        start = 0
        while start < len(x):
            t += 1
            stop = min(start + batch_size, len(x))
            loss, gradients = loss_and_gradients(
                list(arrays.values()), x_epoch[start:stop], y_epoch[start:stop]
            )
            losses = np.append(losses, loss)
            rate = schedule(t)
            for index in reversed(range(len(gradients))):
                arrays[index], memory[index] = step(
                    arrays[index], gradients[index], memory.get(index), t, rate
                )
            start = stop
    return [arrays[index] for index in sorted(arrays)], losses
