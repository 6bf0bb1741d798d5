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
from dlarch.checks_file import Part
from dlarch.plain import PlainData

rnn_backward = Exercise(
    "rnn_backward",
    signature=(
        "rnn_backward(dstates: (N, T, M) float64, x: (N, T, D) float64, lengths: (N,) int64, h0: (N, M) float64, "
        "states: (N, T, M) float64, W: (D, M) float64, U: (M, M) float64)"
        " -> dx: (N, T, D) float64, dh0: (N, M) float64, dW: (D, M) float64, dU: (M, M) float64, db: (M,) float64"
    ),
    outputs=("dx", "dh0", "dW", "dU", "db"),
    parts={
        "through_time": Part(2, outputs=("dx", "dh0")),
        "parameters": Part(2, outputs=("dW", "dU", "db")),
    },
    forbids=BY_HAND,
    section=PAGE + "through-time",
)


def _recorded(random, lengths, D, M, padding=1.0, at_the_end=False):
    """Draw a network, what it did, and a cotangent for every state."""
    network = draw_network(random, D, M)
    given = draw_sequences(random, lengths, D, padding)
    h0 = random.uniform(-0.9, 0.9, size=(len(lengths), M))
    states = run_forward(given["x"], given["lengths"], h0, **network)
    dstates = random.normal(size=states.shape)
    if at_the_end:
        dstates[:, :-1] = 0
    return {
        "dstates": dstates, **given, "h0": h0, "states": states, "W": network["W"], "U": network["U"],
    }  # fmt: skip


@rnn_backward.case("three steps each")
def _(random) -> dict[str, PlainData]:
    return _recorded(random, [3, 3], 4, 5)


@rnn_backward.case("lengths 4, 1, 3")
def _(random) -> dict[str, PlainData]:
    return _recorded(random, [4, 1, 3], 2, 6)


@rnn_backward.case("the loss sees the last state alone")
def _(random) -> dict[str, PlainData]:
    return _recorded(random, [5, 4, 5, 2], 3, 4, at_the_end=True)


@rnn_backward.case("one sequence of five, huge numbers behind its neighbour's end")
def _(random) -> dict[str, PlainData]:
    return _recorded(random, [5, 2], 3, 4, padding=1e6)


@rnn_backward.case("many", secret=True)
def _(random) -> dict[str, PlainData]:
    return _recorded(random, [7, 2, 9, 1, 5, 8], 4, 6, padding=1e3)


@rnn_backward.case("N = T = D = M")
def _(random) -> dict[str, PlainData]:
    return _recorded(random, [3, 5, 4, 5, 1], 5, 5)


@rnn_backward.reference
def _(dstates, x, lengths, h0, states, W, U):
    import torch

    # The bias is what the recorded first states say it was.
    before = np.arctanh(states[:, 0]) - x[:, 0] @ W - h0 @ U
    b = before.mean(axis=0)
    leaves = [leaf.requires_grad_(True) for leaf in as_tensors(x, h0, W, U, b)]
    x, h0, W, U, b = leaves
    computed = unroll(x, as_tensor(lengths, np.int64), h0, W, U, b)
    gradients = torch.autograd.grad(computed, leaves, as_tensor(dstates))
    return tuple(gradient.numpy() for gradient in gradients)


@rnn_backward.alternative
def with_a_loop_over_steps(dstates, x, lengths, h0, states, W, U):
    dx, dW, dU, db = np.zeros_like(x), np.zeros_like(W), np.zeros_like(U), np.zeros(len(U))
    dh = np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        dh = dh + dstates[:, t]
        real = (t < lengths)[:, None]
        before = states[:, t - 1] if t > 0 else h0
        da = np.where(real, dh * (1 - states[:, t] ** 2), 0)
        dx[:, t] = da @ W.T
        dW += x[:, t].T @ da
        dU += before.T @ da
        db += da.sum(axis=0)
        dh = np.where(real, da @ U.T, dh)
    return dx, dh, dW, dU, db


@rnn_backward.alternative
def one_sequence_at_a_time(dstates, x, lengths, h0, states, W, U):
    dx, dh0 = np.zeros_like(x), np.zeros_like(h0)
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros(U.shape[0])
    for n in range(len(x)):
        end = lengths[n]
        dh = dstates[n, end:].sum(axis=0)
        for t in range(end - 1, -1, -1):
            da = (dh + dstates[n, t]) * (1 - states[n, t] ** 2)
            dx[n, t] = W @ da
            dW += np.outer(x[n, t], da)
            dU += np.outer(states[n, t - 1] if t else h0[n], da)
            db += da
            dh = U @ da
        dh0[n] = dh
    return dx, dh0, dW, dU, db


@rnn_backward.alternative
def deltas_first(dstates, x, lengths, h0, states, W, U):
    T = x.shape[1]
    real = np.arange(T)[None, :, None] < lengths[:, None, None]
    slope = (1 - states**2) * real
    deltas, dh = [None] * T, np.zeros(h0.shape)
    for t in range(T)[::-1]:
        dh = dh + dstates[:, t]
        deltas[t] = dh * slope[:, t]
        dh = np.einsum("nm,km->nk", deltas[t], U) + dh * ~real[:, t]
    delta = np.stack(deltas, axis=1)
    before = np.concatenate([h0[:, None], states[:, :-1]], axis=1)
    return [
        np.einsum("ntm,dm->ntd", delta, W),
        dh,
        np.einsum("ntd,ntm->dm", x, delta),
        np.einsum("ntk,ntm->km", before, delta),
        delta.sum(axis=(0, 1)),
    ]


_LOOP = "with_a_loop_over_steps"

rnn_backward.slip(
    "future_forgotten",
    "At every step you use only the gradient that arrives there from above. The state is also read by the next step, "
    "and what comes back from there has to be added.",
    of=_LOOP,
    right="dh = dh + dstates[:, t]",
    wrong="dh = dstates[:, t]",
)
rnn_backward.slip(
    "losses_on_the_way_forgotten",
    "Only the gradient at the last step enters. Every state may have a loss of its own: what arrives at step t is added "
    "when you come by.",
    of=_LOOP,
    right="dh = dh + dstates[:, t]",
    wrong="dh = dh + dstates[:, t] * (t == x.shape[1] - 1)",
)
rnn_backward.slip(
    "slope_dropped",
    "The gradient goes through the steps without the slope of the activation: between a state and its pre-activation "
    "lies tanh.",
    of=_LOOP,
    right="dh * (1 - states[:, t] ** 2)",
    wrong="dh",
)
rnn_backward.slip(
    "slope_of_the_step_before",
    "You take the slope of tanh at the state before the step. The activation that lies between state t and its "
    "pre-activation is that of step t itself.",
    of=_LOOP,
    right="1 - states[:, t] ** 2",
    wrong="1 - before ** 2",
)
rnn_backward.slip(
    "sigmoid_slope_for_tanh",
    "You take the slope of the sigmoid. These states come from tanh.",
    of=_LOOP,
    right="(1 - states[:, t] ** 2)",
    wrong="(states[:, t] * (1 - states[:, t]))",
)
rnn_backward.slip(
    "slope_of_tanh_of_the_state",
    "You apply tanh once more: the states that are given are outputs of tanh already, and its slope can be written in "
    "them.",
    of=_LOOP,
    right="1 - states[:, t] ** 2",
    wrong="1 - np.tanh(states[:, t]) ** 2",
)
rnn_backward.slip(
    "recurrent_weights_not_transposed",
    "On the way from step t to step t − 1 you multiply by U as in the forward pass. Unit i at t − 1 collects what all "
    "units j that it feeds send back; U is square, so that the shapes do not tell you.",
    of=_LOOP,
    right="da @ U.T",
    wrong="da @ U",
)
rnn_backward.slip(
    "state_after_for_state_before",
    "For dU you pair the error of a step with the state that the step produced. The recurrent weights stand between "
    "the state before and that error.",
    of=_LOOP,
    right="before.T @ da",
    wrong="states[:, t].T @ da",
)
rnn_backward.slip(
    "first_step_left_out_of_U",
    "In dU the first step is missing: it too read a state, the initial one, which is not 0 here.",
    of=_LOOP,
    right="before.T @ da",
    wrong="(before if t else 0 * before).T @ da",
)
rnn_backward.slip(
    "last_state_before_the_first_step",
    "In dU the first step is paired with the last state: at t = 0 the index t − 1 counts from the end. Before the first "
    "step stands the initial state.",
    of=_LOOP,
    right="before = states[:, t - 1] if t > 0 else h0",
    wrong="before = states[:, t - 1]",
)
rnn_backward.slip(
    "last_step_wins",
    "You assign where you should add: all steps share the same weights, and each one's contribution to dW, dU and db "
    "counts.",
    PAGE + "shared",
    of=_LOOP,
    right="""        dW += x[:, t].T @ da
        dU += before.T @ da
        db += da.sum(axis=0)
""",
    wrong="""        dW = x[:, t].T @ da
        dU = before.T @ da
        db = da.sum(axis=0)
""",
)
rnn_backward.slip(
    "last_step_alone",
    "The gradient stops after one step: only the last step of a sequence contributes. Follow the state further back.",
    of="one_sequence_at_a_time",
    right="range(end - 1, -1, -1)",
    wrong="range(end - 1, end - 2, -1)",
)
rnn_backward.slip(
    "averaged_over_the_batch",
    "Your dW, dU and db are divided by N. The mean is in the loss, and so in the gradients that arrive: here "
    "contributions are only added up.",
    PAGE + "shared",
    of=_LOOP,
    right="return dx, dh, dW, dU, db",
    wrong="return dx, dh, dW / len(x), dU / len(x), db / len(x)",
)
rnn_backward.slip(
    "averaged_over_time",
    "Your dW, dU and db are divided by T. All steps use the same weights, and contributions along several paths add up.",
    PAGE + "shared",
    of=_LOOP,
    right="return dx, dh, dW, dU, db",
    wrong="return dx, dh, dW / x.shape[1], dU / x.shape[1], db / x.shape[1]",
)
rnn_backward.slip(
    "gradients_behind_the_end_lost",
    "What arrives behind the end of a sequence is lost. The states there are copies of the last real one: which step do "
    "their gradients belong to?",
    PAGE + "lengths",
    of="one_sequence_at_a_time",
    right="dh = dstates[n, end:].sum(axis=0)",
    wrong="dh = 0 * h0[n]",
)


@rnn_backward.mistake(
    "steps_behind_the_end",
    "You go back through the steps behind the end of a sequence as if they had been computed. There the state was "
    "only copied, and x is filling.",
    PAGE + "lengths",
)
def _(dstates, x, lengths, h0, states, W, U):
    return with_a_loop_over_steps(dstates, x, np.full_like(lengths, x.shape[1]), h0, states, W, U)


rnn_backward.slip(
    "initial_state_not_reached",
    "Your dh0 is the gradient at the pre-activation of the first step. From there to the initial state it still has to "
    "go through the recurrent weights.",
    of="one_sequence_at_a_time",
    right="dh0[n] = dh",
    wrong="dh0[n] = da",
)
rnn_backward.slip(
    "initial_state_one_step_too_early",
    "Your dh0 is the gradient at the first state, not at the initial one: one step is missing.",
    of="one_sequence_at_a_time",
    right="""            dh = U @ da
        dh0[n] = dh
""",
    wrong="""            dh0[n] = dh + dstates[n, t]
            dh = U @ da
""",
)
