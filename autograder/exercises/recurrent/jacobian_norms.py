import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.recurrent.shared import BY_HAND, PAGE
from autograder.exercises.shared import as_tensor
from dlarch.plain import PlainData

jacobian_norms = Exercise(
    "jacobian_norms",
    signature="jacobian_norms(states: (T, M) float64, U: (M, M) float64) -> norms: (T,) float64",
    outputs=("norms",),
    points=2,
    forbids=BY_HAND,
    section=PAGE + "spectral",
)


def _run(random, T, M, gain, size=1.0):
    """Draw states of a free-running network, and its weights, which are far from normal matrices."""
    U = (
        gain
        * (random.normal(size=(M, M)) + 2 * np.triu(random.normal(size=(M, M)), 1))
        / np.sqrt(M)
    )
    h, states = random.uniform(-1, 1, size=M), []
    for _ in range(T):
        h = np.tanh(h @ U + size * random.normal(size=M))
        states.append(h)
    return {"states": np.array(states), "U": U}


@jacobian_norms.case("five steps, three units")
def _(random) -> dict[str, PlainData]:
    return _run(random, 5, 3, 0.7)


@jacobian_norms.case("as many steps as units")
def _(random) -> dict[str, PlainData]:
    return _run(random, 4, 4, 1.2, size=0.5)


@jacobian_norms.case("one step")
def _(random) -> dict[str, PlainData]:
    return _run(random, 1, 5, 1.0)


@jacobian_norms.case("one unit with a negative weight")
def _(random) -> dict[str, PlainData]:
    states = random.uniform(-0.9, 0.9, size=(6, 1))
    return {"states": states, "U": -random.uniform(0.6, 1.6, size=(1, 1))}


@jacobian_norms.case("states at 0, a rotation")
def _(random) -> dict[str, PlainData]:
    angle, gain = random.uniform(0.3, 1.2), random.uniform(1.05, 1.15)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return {"states": np.zeros((12, 2)), "U": gain * turn}


@jacobian_norms.case("thirty steps", secret=True)
def _(random) -> dict[str, PlainData]:
    return _run(random, 30, 6, 0.9)


@jacobian_norms.reference
def _(states, U):
    import torch

    from autograder.kernels.matmul import matmul

    states, U = as_tensor(states), as_tensor(U)
    T, M = states.shape
    jacobian = torch.eye(M, dtype=torch.float64)
    norms = [torch.linalg.matrix_norm(jacobian, 2)]
    for t in range(T - 1, 0, -1):
        jacobian = matmul(U * (1 - states[t] ** 2), jacobian)
        norms.append(torch.linalg.matrix_norm(jacobian, 2))
    return torch.stack(norms[::-1]).numpy()


@jacobian_norms.alternative
def from_the_end(states, U):
    T, M = states.shape
    norms, jacobian = np.ones(T), np.eye(M)
    for t in range(T - 2, -1, -1):
        step = U @ np.diag(1 - states[t + 1] ** 2)
        jacobian = step @ jacobian
        norms[t] = np.linalg.norm(jacobian, 2)
    return norms


@jacobian_norms.alternative
def with_columns(states, U):
    T, M = states.shape
    norms = []
    for t in range(T):
        jacobian = np.eye(M)
        for later in range(t + 1, T):
            jacobian = np.diag(1 - states[later] ** 2) @ U.T @ jacobian
        norms.append(np.sqrt(np.linalg.eigvalsh(jacobian.T @ jacobian).max()))
    return np.array(norms)


@jacobian_norms.alternative
def unit_by_unit(states, U):
    T, M = states.shape
    norms = np.empty(T)
    back = np.eye(M)
    for t in reversed(range(T)):
        norms[t] = np.linalg.svd(back, compute_uv=False)[0]
        back = (back * (1 - states[t] ** 2)) @ U.T
    return norms


_LOOP = "from_the_end"

jacobian_norms.slip(
    "product_in_the_other_order",
    "The factors of your product stand in the wrong order. Matrices do not commute: on which side does the factor of "
    "an earlier step belong?",
    of=_LOOP,
    right="step @ jacobian",
    wrong="jacobian @ step",
)
jacobian_norms.slip(
    "slope_on_the_wrong_side",
    "You multiply by the slopes before the weights. From h at t the way leads through U first and then through the "
    "tanh of the units at t + 1.",
    of=_LOOP,
    right="U @ np.diag(1 - states[t + 1] ** 2)",
    wrong="np.diag(1 - states[t + 1] ** 2) @ U",
)
jacobian_norms.slip(
    "weights_transposed_alone",
    "Your weights are transposed and the slopes are not on the matching side. Write one step with indices first: "
    "∂h_j at t + 1 by ∂h_i at t.",
    of=_LOOP,
    right="U @ np.diag",
    wrong="U.T @ np.diag",
)
jacobian_norms.slip(
    "slope_of_the_step_before",
    "You take the slope of tanh at step t. The activation on the way from step t to step t + 1 is that of step t + 1.",
    of=_LOOP,
    right="states[t + 1] ** 2",
    wrong="states[t] ** 2",
)
jacobian_norms.slip(
    "saturation_ignored",
    "Your norms do not depend on the states: the slopes of tanh are missing. A saturated unit passes next to nothing.",
    of=_LOOP,
    right="U @ np.diag(1 - states[t + 1] ** 2)",
    wrong="U",
)
jacobian_norms.slip(
    "frobenius_norm",
    "You took the Frobenius norm, the root of the sum of all squares. Asked for is the spectral norm: the largest "
    "factor by which the matrix stretches a vector.",
    of=_LOOP,
    right="norms[t] = np.linalg.norm(jacobian, 2)",
    wrong="norms[t] = np.linalg.norm(jacobian)",
)


@jacobian_norms.mistake("frobenius_norm")
def _(states, U):
    T, M = states.shape
    norms, back = np.empty(T), np.eye(M)
    for t in reversed(range(T)):
        norms[t] = np.linalg.norm(back)
        back = (back * (1 - states[t] ** 2)) @ U.T
    return norms


jacobian_norms.slip(
    "largest_eigenvalue",
    "You took the largest eigenvalue. It equals the spectral norm for symmetric and some other matrices only; a matrix "
    "can stretch a vector by more than any of its eigenvalues.",
    of=_LOOP,
    right="np.linalg.norm(jacobian, 2)",
    wrong="np.abs(np.linalg.eigvals(jacobian)).max()",
)
jacobian_norms.slip(
    "product_of_norms",
    "You multiplied the norms of the single steps. The norm of a product is at most the product of the norms, and "
    "often much smaller.",
    of=_LOOP,
    right="""        jacobian = step @ jacobian
        norms[t] = np.linalg.norm(jacobian, 2)
""",
    wrong="""        norms[t] = norms[t + 1] * np.linalg.norm(step, 2)
""",
)
jacobian_norms.slip(
    "one_step_only",
    "Every entry of yours is the norm of a single step. Asked for is the derivative of the *last* state by the state "
    "at t: the product of all steps between.",
    of=_LOOP,
    right="step @ jacobian",
    wrong="step",
)


jacobian_norms.slip(
    "square_not_rooted",
    "Your numbers are the squares of the spectral norms: the largest eigenvalue of a matrix times its transpose is a "
    "singular value squared.",
    of=_LOOP,
    right="np.linalg.norm(jacobian, 2)",
    wrong="np.linalg.norm(jacobian, 2) ** 2",
)


@jacobian_norms.mistake(
    "from_the_first_state",
    "You differentiate every state by the first one. Asked for is the derivative of the last state by every one.",
)
def _(states, U):
    norms, jacobian = np.ones(len(states)), np.eye(len(U))
    for t in range(1, len(states)):
        jacobian = jacobian @ (U * (1 - states[t] ** 2))
        norms[t] = np.linalg.norm(jacobian, 2)
    return norms


@jacobian_norms.mistake(
    "last_entry_first",
    "Your norms stand in the order in which you found them, from the last step to the first.",
)
def _(states, U):
    return from_the_end(states, U)[::-1]


@jacobian_norms.mistake(
    "one_step_too_many",
    "Your product has one factor too many: the derivative of the last state by itself is the identity, with norm 1.",
)
def _(states, U):
    T, M = states.shape
    norms, back = np.empty(T), np.eye(M)
    for t in reversed(range(T)):
        back = (back * (1 - states[t] ** 2)) @ U.T
        norms[t] = np.linalg.norm(back, 2)
    return norms
