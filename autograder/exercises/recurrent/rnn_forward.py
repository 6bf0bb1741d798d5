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
from autograder.exercises.shared import as_tensor, as_tensors
from dlarch.plain import PlainData

rnn_forward = Exercise(
    "rnn_forward",
    signature=(
        "rnn_forward(x: (N, T, D) float64, lengths: (N,) int64, h0: (N, M) float64, W: (D, M) float64, "
        "U: (M, M) float64, b: (M,) float64) -> states: (N, T, M) float64"
    ),
    outputs=("states",),
    points=2,
    uses=("rnn_cell",),
    forbids=BY_HAND,
    section=PAGE + "unrolled",
)


def _sequences(random, lengths, D, M, padding=1.0):
    return {
        **draw_sequences(random, lengths, D, padding),
        "h0": random.uniform(-0.9, 0.9, size=(len(lengths), M)),
        **draw_network(random, D, M),
    }


@rnn_forward.case("lengths 4, 1, 3")
def _(random) -> dict[str, PlainData]:
    return _sequences(random, [4, 1, 3], 2, 5)


@rnn_forward.case("one sequence")
def _(random) -> dict[str, PlainData]:
    return _sequences(random, [6], 3, 2)


@rnn_forward.case("one step")
def _(random) -> dict[str, PlainData]:
    return _sequences(random, [1, 1, 1, 1], 2, 3)


@rnn_forward.case("N = T = D = M, huge numbers behind the ends")
def _(random) -> dict[str, PlainData]:
    return _sequences(random, [2, 4, 3, 1], 4, 4, padding=1e6)


@rnn_forward.case("many", secret=True)
def _(random) -> dict[str, PlainData]:
    return _sequences(random, [7, 2, 9, 1, 5, 8], 4, 6, padding=1e3)


@rnn_forward.reference
def _(x, lengths, h0, W, U, b):
    return unroll(as_tensor(x), as_tensor(lengths, np.int64), *as_tensors(h0, W, U, b)).numpy()


@rnn_forward.alternative
def with_a_loop_over_steps(x, lengths, h0, W, U, b):
    h, states = h0, []
    for t in range(x.shape[1]):
        h_new = np.tanh(x[:, t] @ W + h @ U + b)
        h = np.where((t < lengths)[:, None], h_new, h)
        states.append(h)
    return np.stack(states, axis=1)


@rnn_forward.alternative
def one_sequence_at_a_time(x, lengths, h0, W, U, b):
    states = np.empty((*x.shape[:2], len(b)))
    for n in range(len(x)):
        h = h0[n]
        for t in range(lengths[n]):
            h = np.tanh(x[n, t] @ W + h @ U + b)
            states[n, t] = h
        states[n, lengths[n] :] = h
    return states


@rnn_forward.alternative
def with_recursion(x, lengths, h0, W, U, b):
    def after(t):
        if t == 0:
            return [h0]
        earlier = after(t - 1)
        a = np.einsum("nd,dm->nm", x[:, t - 1], W) + earlier[-1] @ U + b
        return [*earlier, np.where(lengths[:, None] >= t, np.tanh(a), earlier[-1])]

    return np.swapaxes(np.array(after(x.shape[1])[1:]), 0, 1)


rnn_forward.slip(
    "runs_into_the_padding",
    "Your network goes on reading behind the end of a sequence. What stands there is filling, and the last state is no "
    "longer that of the last real token.",
    PAGE + "lengths",
    of="with_a_loop_over_steps",
    right="np.where((t < lengths)[:, None], h_new, h)",
    wrong="h_new",
)
rnn_forward.slip(
    "zeros_behind_the_end",
    "Behind the end of a sequence your states are 0. The task keeps the last state there, so that `states[:, -1]` is "
    "the summary of every sequence.",
    PAGE + "lengths",
    of="one_sequence_at_a_time",
    right="lengths[n] :] = h",
    wrong="lengths[n] :] = 0",
)
rnn_forward.slip(
    "initial_state_behind_the_end",
    "Behind the end of a sequence you put the initial state back. The last state is to be kept there.",
    PAGE + "lengths",
    of="one_sequence_at_a_time",
    right="lengths[n] :] = h",
    wrong="lengths[n] :] = h0[n]",
)
rnn_forward.slip(
    "one_step_too_few",
    "Your network stops one step before the end of a sequence: the last real token is not read. A sequence of length 3 "
    "has steps 0, 1 and 2.",
    PAGE + "lengths",
    of="with_a_loop_over_steps",
    right="t < lengths",
    wrong="t < lengths - 1",
)
rnn_forward.slip(
    "one_step_too_many",
    "Your network reads one step of the filling behind the end of a sequence. A sequence of length 3 has steps 0, 1 "
    "and 2.",
    PAGE + "lengths",
    of="with_a_loop_over_steps",
    right="t < lengths",
    wrong="t <= lengths",
)
rnn_forward.slip(
    "initial_state_ignored",
    "You start from zeros and not from the initial state that is given.",
    of="with_a_loop_over_steps",
    right="h, states = h0, []",
    wrong="h, states = np.zeros_like(h0), []",
)
rnn_forward.slip(
    "every_step_from_the_start",
    "Every step of yours starts from the initial state again, so that nothing is remembered. The state that a step "
    "reads is the one that the step before it left.",
    of="with_a_loop_over_steps",
    right="h @ U + b",
    wrong="h0 @ U + b",
)


@rnn_forward.mistake(
    "one_array_for_all_steps",
    "All your states are the last one: you changed one array at every step and kept it each time. Keep a copy, or make "
    "a new array.",
)
def _(x, lengths, h0, W, U, b):
    states = run_forward(x, lengths, h0, W, U, b)
    return np.repeat(states[:, -1:], x.shape[1], axis=1)


@rnn_forward.mistake("runs_into_the_padding")
def _(x, lengths, h0, W, U, b):
    T = x.shape[1]
    real = np.arange(T)[:, None] < lengths[:, None, None]
    return run_forward(np.where(real, x, 0), np.full_like(lengths, T), h0, W, U, b)


@rnn_forward.mistake(
    "states_shifted",
    "Your states are those of one step earlier: you kept the state before the step, where the one after it is asked for.",
)
def _(x, lengths, h0, W, U, b):
    states = run_forward(x, lengths, h0, W, U, b)
    return np.concatenate([h0[:, None], states[:, :-1]], axis=1)


@rnn_forward.mistake(
    "time_for_batch",
    "You went along the first axis, which counts sequences, as if it were time. Arrays are (N, T, D) here: batch first.",
)
def _(x, lengths, h0, W, U, b):
    N, T, _ = x.shape
    h, states = np.zeros(len(b)), np.zeros((N, T, len(b)))
    for n in range(N):
        h = np.tanh(x[n] @ W + h @ U + b)
        states[n] = h
    return states


@rnn_forward.mistake(
    "last_states_only",
    "Your result holds only the last state of every sequence. Every state is asked for, one for each step.",
)
def _(x, lengths, h0, W, U, b):
    return run_forward(x, lengths, h0, W, U, b)[:, -1]


@rnn_forward.mistake(
    "time_first",
    "Your states have time as their first axis. Batch comes first here: (N, T, M).",
)
def _(x, lengths, h0, W, U, b):
    return np.swapaxes(run_forward(x, lengths, h0, W, U, b), 0, 1)


@rnn_forward.mistake(
    "read_backwards",
    "Your network reads from the end to the start.",
)
def _(x, lengths, h0, W, U, b):
    h, states = h0, np.empty((*x.shape[:2], len(b)))
    for t in reversed(range(x.shape[1])):
        h = np.where((t < lengths)[:, None], np.tanh(x[:, t] @ W + h @ U + b), h)
        states[:, t] = h
    return states
