import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.recurrent.shared import (
    BY_HAND,
    PAGE,
    draw_network,
    draw_sequences,
    run_forward,
    unroll,
)
from autograder.exercises.shared import as_tensor
from dlarch.checks_file import Part
from dlarch.plain import PlainData

bidirectional = Exercise(
    "bidirectional",
    signature=(
        "bidirectional(x: (N, T, D) float64, lengths: (N,) int64, forward: dict, backward: dict)"
        " -> states: (N, T, 2M) float64, summary: (N, 2M) float64"
    ),
    outputs=("states", "summary"),
    parts={
        "states": Part(1, outputs=("states",)),
        "summary": Part(1, outputs=("summary",)),
    },
    uses=("rnn_forward",),
    forbids=BY_HAND,
    section=PAGE + "bidirectional",
)


def _pair(random, lengths, D, M, padding=1.0):
    return {
        **draw_sequences(random, lengths, D, padding),
        "forward": draw_network(random, D, M),
        "backward": draw_network(random, D, M),
    }


@bidirectional.case("lengths 4, 1, 3")
def _(random) -> dict[str, PlainData]:
    return _pair(random, [4, 1, 3], 2, 5)


@bidirectional.case("one sequence")
def _(random) -> dict[str, PlainData]:
    return _pair(random, [5], 3, 2)


@bidirectional.case("huge numbers behind the ends")
def _(random) -> dict[str, PlainData]:
    return _pair(random, [2, 4, 3], 4, 3, padding=1e6)


@bidirectional.case("many", secret=True)
def _(random) -> dict[str, PlainData]:
    return _pair(random, [7, 2, 9, 1, 5, 8], 4, 6, padding=1e3)


@bidirectional.reference
def _(x, lengths, forward, backward):
    import torch

    N, T, _ = x.shape
    M = len(forward["b"])
    x, lengths = as_tensor(x), as_tensor(lengths, np.int64)
    steps = torch.arange(T)
    real = (steps < lengths[:, None])[:, :, None]
    mirror = torch.where(real[:, :, 0], lengths[:, None] - 1 - steps, steps)
    rows = torch.arange(N)[:, None]
    zeros = torch.zeros((N, M), dtype=torch.float64)
    first, second = (
        {name: as_tensor(array) for name, array in parameters.items()}
        for parameters in (forward, backward)
    )
    onward = unroll(x, lengths, zeros, **first)
    returning = unroll(x[rows, mirror], lengths, zeros, **second)
    summary = torch.cat([onward[:, -1], returning[:, -1]], dim=1)
    states = torch.cat([onward, returning[rows, mirror]], dim=2) * real
    return states.numpy(), summary.numpy()


@bidirectional.alternative
def with_mirrored_sequences(x, lengths, forward, backward):
    def read(sequence, W, U, b):
        h, found = np.zeros(len(b)), []
        for row in sequence:
            h = np.tanh(row @ W + h @ U + b)
            found.append(h)
        return np.array(found)

    states = np.zeros((*x.shape[:2], 2 * len(forward["b"])))
    summary = []
    for n, end in enumerate(lengths):
        onward = read(x[n, :end], **forward)
        returning = read(x[n, :end][::-1], **backward)
        states[n, :end] = np.concatenate([onward, returning[::-1]], axis=1)
        summary.append(np.concatenate([onward[-1], returning[-1]]))
    return states, np.array(summary)


@bidirectional.alternative
def step_by_step(x, lengths, forward, backward):
    N, T, _ = x.shape
    M = len(forward["b"])
    states, summary = np.zeros((N, T, 2 * M)), np.zeros((N, 2 * M))
    for n in range(N):
        h = np.zeros(M)
        for t in range(lengths[n]):
            h = np.tanh(x[n, t] @ forward["W"] + h @ forward["U"] + forward["b"])
            states[n, t, :M] = h
        summary[n, :M] = h
        h = np.zeros(M)
        for t in reversed(range(lengths[n])):
            h = np.tanh(x[n, t] @ backward["W"] + h @ backward["U"] + backward["b"])
            states[n, t, M:] = h
        summary[n, M:] = h
    return states, summary


@bidirectional.alternative
def with_a_loop_from_the_end(x, lengths, forward, backward):
    N, T, _ = x.shape
    M = len(forward["b"])
    onward = run_forward(x, lengths, np.zeros((N, M)), **forward)
    h, returning = np.zeros((N, M)), np.zeros((N, T, M))
    for t in range(T - 1, -1, -1):
        new = np.tanh(x[:, t] @ backward["W"] + h @ backward["U"] + backward["b"])
        h = np.where((t < lengths)[:, None], new, h)
        returning[:, t] = h
    real = np.arange(T)[:, None] < lengths[:, None, None]
    states = np.where(real, np.concatenate([onward, returning], axis=2), 0)
    return states, np.concatenate([onward[:, -1], returning[:, 0]], axis=1)


_MIRROR = "with_mirrored_sequences"

bidirectional.slip(
    "backward_states_not_turned_back",
    "The second network's states stand in the order in which it read. Turn them back, so that both halves of "
    "`states[n, t]` speak of the same token.",
    of=_MIRROR,
    right="[onward, returning[::-1]]",
    wrong="[onward, returning]",
)
bidirectional.slip(
    "summary_of_the_last_place",
    "The second half of your summary is the backward state at the last token: that network has read one token there. "
    "Where has it read the whole sequence?",
    of=_MIRROR,
    right="returning[-1]]",
    wrong="returning[0]]",
)


@bidirectional.mistake(
    "padding_turned_too",
    "You turned whole rows, filling included: the second network of a shorter sequence reads the filling first and "
    "may never reach the real tokens.",
    PAGE + "lengths",
)
def _(x, lengths, forward, backward):
    return _turned(x, lengths, forward, backward, lengths)


@bidirectional.mistake("padding_turned_too")
def _(x, lengths, forward, backward):
    return _turned(x, lengths, forward, backward, np.full_like(lengths, x.shape[1]))


@bidirectional.mistake("padding_turned_too")
def _(x, lengths, forward, backward):
    T = x.shape[1]
    states, _ = _turned(x, lengths, forward, backward, np.full_like(lengths, T))
    return states, np.concatenate(
        [states[:, -1, : len(forward["b"])], states[:, 0, len(forward["b"]) :]], axis=1
    )


def _turned(x, lengths, forward, backward, read):
    N, T, _ = x.shape
    zeros = np.zeros((N, len(forward["b"])))
    onward = run_forward(x, lengths, zeros, **forward)
    returning = run_forward(x[:, ::-1], read, zeros, **backward)
    real = np.arange(T)[:, None] < lengths[:, None, None]
    states = np.concatenate([onward, returning[:, ::-1]], axis=2) * real
    return states, np.concatenate([onward[:, -1], returning[:, -1]], axis=1)


bidirectional.slip(
    "same_network_twice",
    "Both directions use the forward network's parameters. Two directions are two networks.",
    of=_MIRROR,
    right="[::-1], **backward)",
    wrong="[::-1], **forward)",
)


@bidirectional.mistake(
    "added_up",
    "You added the two directions. They are put side by side, so that what comes next can tell them apart.",
)
def _(x, lengths, forward, backward):
    states, summary = step_by_step(x, lengths, forward, backward)
    M = len(forward["b"])
    return states[..., :M] + states[..., M:], summary[..., :M] + summary[..., M:]


@bidirectional.mistake(
    "backward_first",
    "The halves are exchanged: the forward network's states come first.",
)
def _(x, lengths, forward, backward):
    states, summary = step_by_step(x, lengths, forward, backward)
    M = len(forward["b"])
    return np.roll(states, M, axis=-1), np.roll(summary, M, axis=-1)


bidirectional.slip(
    "second_continues_the_first",
    "Your second network starts from the last state of the first. Both start from zeros.",
    of="with_a_loop_from_the_end",
    right="h, returning = np.zeros((N, M)), np.zeros((N, T, M))",
    wrong="h, returning = onward[:, -1], np.zeros((N, T, M))",
)
bidirectional.slip(
    "not_zero_behind_the_end",
    "Behind the end of a sequence your states are not 0. The task asks for zeros there, in both halves.",
    PAGE + "lengths",
    of="with_a_loop_from_the_end",
    right="np.where(real, np.concatenate([onward, returning], axis=2), 0)",
    wrong="np.concatenate([onward, returning], axis=2)",
)
bidirectional.slip(
    "summary_behind_the_end",
    "Your summary takes `states[:, -1]`, which lies behind the end of the shorter sequences.",
    PAGE + "lengths",
    of="with_a_loop_from_the_end",
    right="[onward[:, -1], returning[:, 0]]",
    wrong="[states[:, -1, :M], states[:, 0, M:]]",
)
bidirectional.slip(
    "summary_behind_the_end",
    of="with_a_loop_from_the_end",
    right="np.concatenate([onward[:, -1], returning[:, 0]], axis=1)",
    wrong="states[:, -1]",
)
