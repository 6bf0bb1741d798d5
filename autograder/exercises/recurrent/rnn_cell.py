import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.recurrent.shared import BY_HAND, PAGE, draw_network
from autograder.exercises.shared import as_tensors
from dlarch.plain import PlainData

rnn_cell = Exercise(
    "rnn_cell",
    signature=(
        "rnn_cell(x: (N, D) float64, h: (N, M) float64, W: (D, M) float64, U: (M, M) float64, b: (M,) float64)"
        " -> h_new: (N, M) float64"
    ),
    outputs=("h_new",),
    points=1,
    form="transcribe",
    forbids=BY_HAND,
    section=PAGE + "cell",
)


def _step(random, N, D, M):
    return {
        "x": random.normal(size=(N, D)),
        "h": random.uniform(-1, 1, size=(N, M)),
        **draw_network(random, D, M),
    }


@rnn_cell.case("N = 5, D = 3, M = 4")
def _(random) -> dict[str, PlainData]:
    return _step(random, 5, 3, 4)


@rnn_cell.case("one sequence, one unit")
def _(random) -> dict[str, PlainData]:
    return _step(random, 1, 2, 1)


@rnn_cell.case("as many inputs as units")
def _(random) -> dict[str, PlainData]:
    return _step(random, 3, 4, 4)


@rnn_cell.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return _step(random, 17, 9, 13)


@rnn_cell.reference
def _(x, h, W, U, b):
    from autograder.kernels.rnn_cell import rnn_cell as cell

    return cell(*as_tensors(x, h, W, U, b)).numpy()


@rnn_cell.mistake(
    "no_activation",
    "Your new state is the pre-activation itself. Without an activation the network is a linear map of its inputs, "
    "and its state can grow without bound.",
)
def _(x, h, W, U, b):
    return x @ W + h @ U + b


@rnn_cell.mistake(
    "sigmoid_for_tanh",
    "Your states lie between 0 and 1: you took the sigmoid. This chapter's cell has another activation, whose states "
    "have both signs.",
)
def _(x, h, W, U, b):
    return 1 / (1 + np.exp(-(x @ W + h @ U + b)))


@rnn_cell.mistake(
    "state_entry_by_entry",
    "Each unit of yours reads only its own last value, or some numbers of one column. The recurrent weights U join "
    "every unit with every unit: what kind of product is that?",
)
def _(x, h, W, U, b):
    return np.tanh(x @ W + h * np.diag(U) + b)


@rnn_cell.mistake(
    "recurrent_weights_transposed",
    "Your recurrent weights are transposed. U[i, j] goes from unit i at the last step to unit j now, as in every layer "
    "of this course; U is square, so that the shapes do not tell you.",
)
def _(x, h, W, U, b):
    return np.tanh(x @ W + h @ U.T + b)


@rnn_cell.mistake(
    "bias_twice",
    "The bias is added twice, once for the inputs and once for the state. One is enough: two biases of one unit are "
    "one, their sum.",
)
def _(x, h, W, U, b):
    return np.tanh(x @ W + b + h @ U + b)


@rnn_cell.mistake("bias_missing", "Your units have no bias.")
def _(x, h, W, U, b):
    return np.tanh(x @ W + h @ U)


@rnn_cell.mistake(
    "state_forgotten",
    "Your new state does not depend on the last one: this is a layer, not a recurrent cell.",
)
def _(x, h, W, U, b):
    return np.tanh(x @ W + b)


@rnn_cell.mistake(
    "activations_apart",
    "You put inputs and state through an activation each and added the results. There is one pre-activation, to which "
    "both contribute, and one activation.",
)
def _(x, h, W, U, b):
    return np.tanh(x @ W + b) + np.tanh(h @ U)


@rnn_cell.mistake("activations_apart")
def _(x, h, W, U, b):
    return np.tanh(x @ W) + np.tanh(h @ U + b)


@rnn_cell.mistake("activations_apart")
def _(x, h, W, U, b):
    return np.tanh(x @ W + b) + h @ U


@rnn_cell.mistake("activations_apart")
def _(x, h, W, U, b):
    return np.tanh(x @ W) + np.tanh(h @ U) + b


@rnn_cell.alternative
def with_one_matrix(x, h, W, U, b):
    return np.tanh(np.concatenate([x, h], axis=1) @ np.concatenate([W, U]) + b)


@rnn_cell.alternative
def with_index_notation(x, h, W, U, b):
    return np.tanh(b + np.einsum("nd,dm->nm", x, W) + np.einsum("nk,km->nm", h, U))


@rnn_cell.alternative
def with_exponentials(x, h, W, U, b):
    grown = np.exp(2 * (x @ W + h @ U + b))
    return ((grown - 1) / (grown + 1)).astype(np.float32)
