from itertools import combinations, permutations

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import PAGE
from autograder.exercises.shared import as_tensors

path_gradients = Exercise(
    "path_gradients",
    signature="path_gradients(jacobians: (L, D, D) float64, cotangent: (D,) float64) -> (L + 1, D) float64",
    outputs=("shares",),
    points=3,
    form="derive",
    reveals=(r"J_l^\top s_{k-1}^{(l)}",),
    forbids=("torch",),
    section=f"{PAGE}paths",
)


def _case(random, L, D, scale=0.7):
    return {
        "jacobians": random.normal(0, scale, size=(L, D, D)),
        "cotangent": random.normal(size=D),
    }


@path_gradients.case("three blocks")
def _(random):
    return _case(random, 3, 2)


@path_gradients.case("one block")
def _(random):
    return _case(random, 1, 3)


@path_gradients.case("four blocks, wider")
def _(random):
    return _case(random, 4, 5, 0.4)


@path_gradients.case("six blocks of one unit")
def _(random):
    return _case(random, 6, 1)


@path_gradients.case("eight blocks of small branches", secret=True)
def _(random):
    return _case(random, 8, 3, 0.3)


def _by_blocks(jacobians, cotangent):
    """Go back block by block; each path either skips the branch or passes through it."""
    L, D, _ = jacobians.shape
    shares = np.zeros((L + 1, D))
    shares[0] = cotangent
    for J in jacobians[::-1]:
        through = shares @ J
        shares[1:] += through[:-1]
    return shares


@path_gradients.reference
def _(jacobians, cotangent):
    import torch

    jacobians, cotangent = as_tensors(jacobians, cotangent)
    L, D, _ = jacobians.shape
    shares = torch.zeros((L + 1, D), dtype=cotangent.dtype)
    shares[0] = cotangent
    for J in jacobians.flip(0):
        shares[1:] = shares[1:] + (shares @ J)[:-1]
    return shares.numpy()


def _over_choices(jacobians, cotangent, choices=combinations, turn=lambda J: J, reverse=True):
    L, D, _ = jacobians.shape
    shares = np.zeros((L + 1, D))
    for k in range(L + 1):
        for chosen in choices(range(L), k):
            g = cotangent
            for block in reversed(chosen) if reverse else chosen:
                g = g @ turn(jacobians[block])
            shares[k] += g
    return shares


@path_gradients.alternative
def over_all_choices(jacobians, cotangent):
    return _over_choices(jacobians, cotangent)


@path_gradients.alternative
def block_by_block(jacobians, cotangent):
    return _by_blocks(jacobians, cotangent)


@path_gradients.alternative
def by_a_polynomial(jacobians, cotangent):
    """The gradient with branches scaled by t is a polynomial in t whose coefficients are the shares."""
    L = len(jacobians)
    t = np.cos(np.pi * (np.arange(L + 1) + 0.5) / (L + 1))
    values = []
    for scale in t:
        g = cotangent
        for J in jacobians[::-1]:
            g = g + scale * (J.T @ g)
        values.append(g)
    return np.linalg.solve(np.vander(t, increasing=True), np.array(values))


@path_gradients.mistake(
    "jacobians_not_transposed",
    "You multiply by the Jacobians from the wrong side: a gradient goes back through the transpose.",
)
def _(jacobians, cotangent):
    return _over_choices(jacobians, cotangent, turn=lambda J: J.T)


@path_gradients.mistake(
    "first_block_first",
    "You go through the blocks from the first to the last: on the way back the last one comes first.",
)
def _(jacobians, cotangent):
    return _over_choices(jacobians, cotangent, reverse=False)


@path_gradients.mistake(
    "at_most_k",
    "Your row k holds the paths through at most k branches: it should hold those through exactly k.",
)
def _(jacobians, cotangent):
    return np.cumsum(_by_blocks(jacobians, cotangent), axis=0)


@path_gradients.mistake(
    "skips_counted",
    "Your row k holds the paths that skip k blocks: it should hold those through k branches.",
)
def _(jacobians, cotangent):
    return _by_blocks(jacobians, cotangent)[::-1]


@path_gradients.mistake(
    "first_blocks_only",
    "Your row k holds a single path, through k blocks side by side. Which k of the L blocks a path passes is free.",
)
def _(jacobians, cotangent):
    rows = [cotangent]
    for J in jacobians[::-1]:
        rows.append(rows[-1] @ J)
    return np.array(rows)


@path_gradients.mistake("first_blocks_only")
def _(jacobians, cotangent):
    rows = [cotangent]
    for k in range(1, len(jacobians) + 1):
        g = cotangent
        for J in jacobians[:k][::-1]:
            g = g @ J
        rows.append(g)
    return np.array(rows)


@path_gradients.mistake(
    "neighbours_only",
    "You take runs of blocks that stand side by side. A path may leave out a block between two that it passes.",
)
def _(jacobians, cotangent):
    return _over_choices(
        jacobians,
        cotangent,
        lambda blocks, k: [blocks[i : i + k] for i in range(len(blocks) - k + 1)] if k else [()],
    )


@path_gradients.mistake(
    "orders_counted",
    "You count a path once for each order of its blocks: it passes them in the one order in which they stand.",
)
def _(jacobians, cotangent):
    return _over_choices(jacobians, cotangent, permutations)


@path_gradients.mistake(
    "branch_passed_again",
    "You add to row k what row k − 1 holds after it has passed the same block: such paths go through one branch several times.",
)
def _(jacobians, cotangent):
    shares = np.zeros((len(jacobians) + 1, len(cotangent)))
    shares[0] = cotangent
    for J in jacobians[::-1]:
        for k in range(1, len(shares)):
            shares[k] += shares[k - 1] @ J
    return shares


@path_gradients.mistake(
    "mean_branch",
    "You put the mean of all Jacobians for each of them. The branches differ, and their products depend on which they are.",
)
def _(jacobians, cotangent):
    mean = jacobians.mean(axis=0)
    return _by_blocks(np.broadcast_to(mean, jacobians.shape), cotangent)


@path_gradients.mistake(
    "whole_gradient_in_the_last_row",
    "Your last row holds the whole gradient: it should hold the one path through every branch.",
)
def _(jacobians, cotangent):
    shares = _by_blocks(jacobians, cotangent)
    shares[-1] = shares.sum(axis=0)
    return shares
