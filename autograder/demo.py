"""The main job in small: release, a class of submissions, grades, feedback, the site."""

import os
import subprocess
import sys
import warnings
from dataclasses import dataclass, replace

import nbformat
from nbformat import NotebookNode

from autograder.chapters import CHAPTERS
from autograder.course import Course
from autograder.grading.classroom import grade, gradebook_table
from autograder.grading.cluster import open_cluster
from autograder.release import release, write_if_changed
from dlarch.check import FILE_NAME


@dataclass(frozen=True)
class Edit:
    """A slip in a right answer: what stands in it and what a learner wrote instead."""

    function: str
    right: str
    wrong: str
    mistake: str
    """The mistake that the check should name."""


SLIPS: dict[str, tuple[Edit, ...]] = {
    "00_start": (
        Edit(
            "standardize",
            "train.mean(axis=0), train.std(axis=0)",
            "train.mean(), train.std()",
            "one_mean_for_all",
        ),
        Edit("numerical_gradient", "/ (2 * h)", "/ 2 * h", "brackets_missing"),
    ),
    "01_background": (
        Edit(
            "split_indices",
            "random.permutation(np.flatnonzero(y == k))",
            "np.flatnonzero(y == k)",
            "not_shuffled",
        ),
        Edit(
            "confusion_matrix",
            "np.add.at(confusion, (labels, predictions), 1)",
            "confusion[labels, predictions] += 1",
            "repeated_pairs_counted_once",
        ),
    ),
    "02_neuron": (
        Edit("perceptron_step", "+ b) > 0", "+ b) >= 0", "strict_inequality"),
        Edit("hard_threshold", "a >= beta", "a > beta", "strict_inequality"),
    ),
    "03_mlp": (
        Edit("softmax", "e.sum(axis=-1", "e.sum(axis=0", "sum_over_the_batch"),
        Edit("initialize", "np.sqrt(variance) * z", "variance * z", "variance_for_deviation"),
    ),
    "04_backpropagation": (
        Edit("output_delta", "(h - t)", "np.abs(h - t)", "absolute_error"),
        Edit("hidden_delta", " * slopes[activation]", "", "slope_dropped"),
        Edit("linear_backward", "dy.sum(axis=0)", "dy.mean(axis=0)", "bias_averaged"),
    ),
    "05_optimization": (
        Edit(
            "momentum_step",
            "momentum * velocity + gradient",
            "momentum * velocity + learning_rate * gradient",
            "learning_rate_twice",
        ),
        Edit(
            "adam_step",
            "(np.sqrt(mean_square) + epsilon)",
            "np.sqrt(mean_square + epsilon)",
            "epsilon_inside_the_root",
        ),
    ),
    "06_regularization": (
        Edit("dropout_forward", "h * mask / (1 - p)", "h * mask", "scale_missing"),
        Edit("l2_gradient", "2 * strength * W", "strength * W", "factor_two_missing"),
    ),
    "07_convolution": (
        Edit("conv1d", "padded[stride * i : stride * i +", "padded[i : i +", "window_moves_by_one"),
        Edit("conv2d_single", "kernel[m, n]", "kernel[KH - 1 - m, KW - 1 - n]", "kernel_flipped"),
    ),
    "14_vae": (
        Edit("gaussian_kl", "terms.sum(dim=1)", "terms.mean(dim=1)", "mean_over_latent"),
        Edit(
            "reparametrize",
            "(log_variance / 2).exp()",
            "log_variance.exp()",
            "variance_for_deviation",
        ),
    ),
    "15_gan": (
        Edit(
            "discriminator_loss",
            "softplus(-real_logits).mean() + functional.softplus(fake_logits)",
            "softplus(real_logits).mean() + functional.softplus(-fake_logits)",
            "labels_swapped",
        ),
        Edit("optimal_discriminator", "p_data / np.where", "p_g / np.where", "roles_swapped"),
    ),
}
"""What goes wrong in the demo's class, chapter by chapter."""


def run(course: Course) -> int:
    """Do the main job in build/demo and say what came of it.

    Args:
        course: the checkout; its own classroom stays untouched.

    Returns:
        The exit status.
    """
    course = replace(course, classroom=course.root / "build" / "demo" / "classroom")
    for chapter in CHAPTERS:
        print(f"{chapter}: releasing")
        release(chapter, course)
        write_class(chapter, course)
    with open_cluster(os.cpu_count() or 1) as client:
        grades = [
            item for chapter in CHAPTERS for item in grade(chapter, course, [], client=client)
        ]
    built = subprocess.run(
        [sys.executable, str(course.root / "website" / "build.py")], cwd=course.root, check=False
    )
    print(f"\n{gradebook_table(grades)}\n")
    print(f"site       {course.root / '_build' / 'html' / 'index.html'}")
    print(f"feedback   {course.feedback}/<learner>/<chapter>/<chapter>.html")
    print(f"notebooks  {course.notebooks}; copies to work on: make lab")
    return built.returncode


def write_class(chapter: str, course: Course) -> None:
    """Write a small class's submissions of one chapter: right, mistaken, untouched, damaged."""
    released = nbformat.read(course.notebooks / chapter / f"{chapter}.ipynb", as_version=4)
    source = nbformat.read(course.source / chapter / f"{chapter}.ipynb", as_version=4)
    solved = solve(released, source)
    twice = nbformat.from_dict(solved)
    twice.cells.append(next(cell for cell in solved.cells if cell.id.startswith("test_")))
    text = nbformat.writes(solved)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nbformat.warnings.DuplicateCellId)
        doubled = nbformat.writes(twice)
    submissions = {
        "ada": text,
        "blaise": nbformat.writes(mistaken(solved, SLIPS[chapter])),
        "carl": nbformat.writes(released),
        "dorothy": doubled,
        "emil": text[: len(text) // 2],
    }
    checks = (course.notebooks / chapter / FILE_NAME).read_bytes()
    for learner, content in submissions.items():
        folder = course.submitted / learner / chapter
        write_if_changed(folder / f"{chapter}.ipynb", content.encode())
        write_if_changed(folder / FILE_NAME, checks)


def solve(released: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Fill the answer cells of a released notebook with the master's answers."""
    answers = {cell.id: cell.source for cell in source.cells}
    solved = nbformat.from_dict(released)
    for cell in solved.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            lines = answers[cell.id].splitlines()
            cell.source = "\n".join(line for line in lines if "### " not in line)
    return solved


def mistaken(solved: NotebookNode, edits: tuple[Edit, ...]) -> NotebookNode:
    """Put slips into right answers.

    Raises:
        ValueError: the answer does not hold what an edit replaces.
    """
    notebook = nbformat.from_dict(solved)
    cells = {cell.id: cell for cell in notebook.cells}
    for edit in edits:
        cell = cells[edit.function]
        if edit.right not in cell.source:
            raise ValueError(f"expected {edit.right!r} in the answer {edit.function}")
        cell.source = cell.source.replace(edit.right, edit.wrong)
    return notebook
