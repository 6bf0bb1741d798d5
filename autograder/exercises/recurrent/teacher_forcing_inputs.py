import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.recurrent.shared import BY_HAND, PAGE
from dlarch.plain import PlainData

teacher_forcing_inputs = Exercise(
    "teacher_forcing_inputs",
    signature="teacher_forcing_inputs(targets: (N, T) int64, start: int) -> inputs: (N, T) int64",
    outputs=("inputs",),
    points=1,
    forbids=BY_HAND,
    section=PAGE + "teacher",
)


def _targets(random, N, T, V, start):
    return {"targets": random.integers(1, V, size=(N, T)), "start": start}


@teacher_forcing_inputs.case("three sequences of five")
def _(random) -> dict[str, PlainData]:
    return _targets(random, 3, 5, 30, 0)


@teacher_forcing_inputs.case("as many sequences as steps, another start")
def _(random) -> dict[str, PlainData]:
    return _targets(random, 4, 4, 20, 25)


@teacher_forcing_inputs.case("one sequence")
def _(random) -> dict[str, PlainData]:
    return _targets(random, 1, 6, 40, 7)


@teacher_forcing_inputs.case("one step")
def _(random) -> dict[str, PlainData]:
    return _targets(random, 3, 1, 40, 2)


@teacher_forcing_inputs.case("many", secret=True)
def _(random) -> dict[str, PlainData]:
    return _targets(random, 7, 11, 90, int(random.integers(100, 200)))


@teacher_forcing_inputs.reference
def _(targets, start):
    inputs = np.empty_like(targets)
    inputs[:, 0], inputs[:, 1:] = start, targets[:, :-1]
    return inputs


@teacher_forcing_inputs.alternative
def with_a_column(targets, start):
    return np.column_stack([np.full(len(targets), start), targets[:, :-1]])


@teacher_forcing_inputs.alternative
def with_a_longer_array(targets, start):
    return np.insert(targets, 0, start, axis=1)[:, : targets.shape[1]]


@teacher_forcing_inputs.alternative
def row_by_row(targets, start):
    return np.array([[start, *row[:-1]] for row in targets])


teacher_forcing_inputs.slip(
    "targets_at_their_own_time",
    "The network is given the very token that it has to predict at that step. It learns to copy, and its training loss "
    "looks wonderful.",
    of="with_a_longer_array",
    right="np.insert(targets, 0, start, axis=1)",
    wrong="(targets + 0)",
)
teacher_forcing_inputs.slip(
    "last_token_kept",
    "Your inputs are one longer than the targets. The last target is only predicted, never read.",
    of="with_a_longer_array",
    right="[:, : targets.shape[1]]",
    wrong="",
)


@teacher_forcing_inputs.mistake(
    "rolled",
    "The last target of a sequence stands at its beginning: it was rolled round, not shifted. The first input is the "
    "start token.",
)
def _(targets, start):
    return np.roll(targets, 1, axis=1)


@teacher_forcing_inputs.mistake("rolled")
def _(targets, start):
    return np.roll(targets, 1)


@teacher_forcing_inputs.mistake(
    "shifted_the_other_way",
    "You shifted towards the start: at step t the network reads the token of step t + 1, the future.",
)
def _(targets, start):
    return np.column_stack([targets[:, 1:], np.full(len(targets), start)])


@teacher_forcing_inputs.mistake("shifted_the_other_way")
def _(targets, start):
    return np.roll(targets, -1, axis=1)


@teacher_forcing_inputs.mistake(
    "start_missing",
    "The start token is missing: your inputs are one shorter than the targets, or start with another number.",
)
def _(targets, start):
    return targets[:, :-1]


@teacher_forcing_inputs.mistake("start_missing")
def _(targets, start):
    return (
        np.column_stack([np.zeros(len(targets), int), targets[:, :-1]])
        if start
        else targets[:, :-1]
    )


@teacher_forcing_inputs.mistake(
    "first_token_overwritten",
    "You wrote the start token over the first target, and shifted nothing.",
)
def _(targets, start):
    inputs = targets.copy()
    inputs[:, 0] = start
    return inputs


@teacher_forcing_inputs.mistake(
    "shifted_along_the_batch",
    "You shifted along the sequences of the batch. Time is the second axis.",
)
def _(targets, start):
    return np.concatenate([np.full((1, targets.shape[1]), start), targets[:-1]])
