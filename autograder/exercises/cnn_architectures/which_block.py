import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import PAGE
from dlarch.plain import PlainData


def _relu(a):
    return np.maximum(a, 0)


BLOCKS = {
    "plain": lambda x, branch: _relu(branch),
    "residual": lambda x, branch: _relu(branch + x),
    "activated before the sum": lambda x, branch: _relu(branch) + x,
    "branch activated": lambda x, branch: _relu(_relu(branch) + x),
    "shortcut activated": lambda x, branch: _relu(branch + _relu(x)),
    "sum not activated": lambda x, branch: branch + x,
}

which_block = Exercise(
    "which_block",
    signature="which_block(x: (D,) float64, branch: (D,) float64, y: (D,) float64) -> kind: str",
    outputs=("kind",),
    points=2,
    form="identify",
    driver="for_each",
    forbids=("torch",),
    section=f"{PAGE}which-block",
)


def _draw_blocks(random, number, D) -> dict[str, PlainData]:
    """Draw blocks of all kinds, in an order that is drawn; every pair of signs is there, with either sum."""
    x = np.array([2.0, 1.0, -1.0, -2.0, 1.0, -1.0])
    branch = np.array([-1.0, -2.0, 2.0, 1.0, 1.0, -1.0])
    samples = []
    kinds = [*BLOCKS, *random.choice(list(BLOCKS), size=number - len(BLOCKS))]
    for kind in random.permutation(kinds):
        order = random.permutation(D)
        size = random.uniform(0.5, 2)
        case = [
            np.concatenate([size * values, random.normal(size=D - 6)])[order]
            for values in (x, branch)
        ]
        samples.append({"x": case[0], "branch": case[1], "y": BLOCKS[str(kind)](*case)})
    return {"samples": samples}


@which_block.case("nine blocks")
def _(random) -> dict[str, PlainData]:
    return _draw_blocks(random, 9, 8)


@which_block.case("eight blocks, more units")
def _(random) -> dict[str, PlainData]:
    return _draw_blocks(random, 8, 15)


@which_block.case("fourteen others", secret=True)
def _(random) -> dict[str, PlainData]:
    return _draw_blocks(random, 14, 11)


def _first_that_fits(x, branch, y, kinds=tuple(BLOCKS), keep=slice(None)):
    for kind in kinds:
        if np.allclose(BLOCKS[kind](x, branch)[keep], y[keep]):
            return kind
    return "residual"


@which_block.reference
def _(x, branch, y):
    return _first_that_fits(x, branch, y)


@which_block.alternative
def by_making_each(x, branch, y):
    off, on = np.maximum(branch, 0), np.maximum(x, 0)
    made = {
        "residual": np.maximum(branch + x, 0),
        "plain": off,
        "sum not activated": branch + x,
        "activated before the sum": off + x,
        "branch activated": np.maximum(off + x, 0),
        "shortcut activated": np.maximum(branch + on, 0),
    }
    return min(made, key=lambda kind: np.abs(made[kind] - y).sum())


@which_block.alternative
def by_what_is_seen(x, branch, y):
    if (y < 0).any():
        plain_sum = np.allclose(y, branch + x)
        return "sum not activated" if plain_sum else "activated before the sum"
    if np.allclose(y[branch > 0], branch[branch > 0]) and (y[branch < 0] == 0).all():
        return "plain"
    on = (x > 0) & (branch < 0)
    if np.allclose(y[on], x[on]):
        return "branch activated"
    on = (x < 0) & (branch > 0)
    return "shortcut activated" if np.allclose(y[on], branch[on]) else "residual"


@which_block.alternative
def with_a_chain_of_tests(x, branch, y):
    kinds = [kind for kind, block in BLOCKS.items() if np.abs(block(x, branch) - y).max() < 1e-9]
    return kinds[0]


@which_block.mistake(
    "positive_inputs_only",
    "You look where the input is positive. There an activated shortcut is as good as the right one: look at negative inputs too.",
)
def _(x, branch, y):
    kinds = (
        "plain",
        "residual",
        "activated before the sum",
        "branch activated",
        "sum not activated",
    )
    return _first_that_fits(x, branch, y, kinds)


@which_block.mistake(
    "positive_branches_only",
    "You look where the branch is positive. There it does not matter whether it was activated before the sum: look where it is negative.",
)
def _(x, branch, y):
    kind = _first_that_fits(x, branch, y)
    return {"branch activated": "residual", "activated before the sum": "sum not activated"}.get(
        kind, kind
    )


@which_block.mistake(
    "a_negative_output_decides",
    "You take every block with a negative output for one whose sum is not activated. A sum of an activated branch and a negative "
    "shortcut can be negative too.",
)
def _(x, branch, y):
    return "sum not activated" if (y < 0).any() else _first_that_fits(x, branch, y)


@which_block.mistake("a_negative_output_decides")
def _(x, branch, y):
    return "activated before the sum" if (y < 0).any() else _first_that_fits(x, branch, y)


@which_block.mistake(
    "before_and_after_not_told_apart",
    "You do not tell apart a branch that is activated before the sum, and one where the sum is activated as well.",
)
def _(x, branch, y):
    kind = _first_that_fits(x, branch, y)
    return "activated before the sum" if kind == "branch activated" else kind


@which_block.mistake("before_and_after_not_told_apart")
def _(x, branch, y):
    kind = _first_that_fits(x, branch, y)
    return "branch activated" if kind == "activated before the sum" else kind


@which_block.mistake(
    "branch_and_shortcut_exchanged",
    "You have exchanged the activated branch and the activated shortcut.",
)
def _(x, branch, y):
    kind = _first_that_fits(x, branch, y)
    exchanged = {"branch activated": "shortcut activated", "shortcut activated": "branch activated"}
    return exchanged.get(kind, kind)


@which_block.mistake(
    "shortcut_taken_for_granted",
    "You call residual what has no shortcut: does the output depend on the input beside the branch?",
)
def _(x, branch, y):
    kind = _first_that_fits(x, branch, y)
    return "residual" if kind == "plain" else kind
