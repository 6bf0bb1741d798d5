"""The report's pairs of similar answers: a disguised copy is found, what many would write is not."""

import inspect
import random
import re
import time
from itertools import combinations
from pathlib import Path

import pytest

from autograder.chapters import CHAPTERS, load_chapter
from autograder.grading.similarity import compare, fingerprints, likely
from autograder.release import read_master, release

CHAPTER = "04_backpropagation"
ORIGINAL = """
def mlp_gradients(x, labels, weights, biases, activation):
    def forward(signal, depth):
        if depth == len(weights):
            return signal, [signal]
        total = np.einsum("nd,dk->nk", signal, weights[depth]) + biases[depth]
        passed = total if depth + 1 == len(weights) else ACTIVATIONS[activation](total)
        last, rest = forward(passed, depth + 1)
        return last, [signal, *rest]

    scores, stages = forward(x, 0)
    shifted = scores - np.max(scores, axis=-1, keepdims=True)
    odds = np.exp(shifted)
    chances = odds / np.sum(odds, axis=-1, keepdims=True)
    truth = np.equal.outer(labels, np.arange(scores.shape[-1]))
    cost = -np.mean(np.log(chances[truth]))
    blame = (chances - truth) / len(labels)
    table = {}
    for depth in range(len(weights) - 1, -1, -1):
        table[depth] = np.einsum("nd,nk->dk", stages[depth], blame), np.einsum("nk->k", blame)
        blame = np.einsum("nk,dk->nd", blame, weights[depth])
        if depth:
            blame = activation_backward(blame, stages[depth], activation)
    gradients = [table[depth] for depth in sorted(table)]
    return cost, [pair[0] for pair in gradients], [pair[1] for pair in gradients]
"""
"""An answer that nobody else has."""
DISGUISE = {
    "signal": "a", "depth": "level", "total": "z", "passed": "g", "rest": "others", "scores": "logits",
    "stages": "h", "shifted": "s", "odds": "e", "chances": "p", "truth": "one_hot", "cost": "loss",
    "blame": "delta", "table": "found", "pair": "entry",
}  # fmt: skip


def disguised(source):
    """Rename what is free, say something else beside it, and change the layout."""
    for name, other in DISGUISE.items():
        source = re.sub(rf"\b{name}\b", other, source)
    source = source.replace("    odds = ", "    # the usual trick\n    odds = ")
    return source.replace("):\n", '):\n    """My own words."""\n\n', 1)


def answers_to(exercise, master):
    """List answers that the course knows: the master's, alternatives and mistakes."""
    functions = [
        *exercise.alternatives.values(),
        *(item for mistake in exercise.mistakes for item in mistake.spellings if callable(item)),
    ]
    edits = [edit for mistake in exercise.mistakes for edit in mistake.edits]
    return [master, *map(inspect.getsource, functions), *map(exercise.edited, edits)]


@pytest.fixture(scope="module")
def known(course):
    release(CHAPTER, course)
    return likely(CHAPTER, course)


@pytest.fixture(scope="module")
def large_class(course):
    """500 learners, each with some known answer to each exercise, in words of their own."""
    draw = random.Random(4)
    cells = {cell.id: cell.source for cell in read_master(course.solutions / f"{CHAPTER}.py").cells}
    exercises = load_chapter(CHAPTER).exercises.values()
    pools = {item.name: answers_to(item, cells[item.name]) for item in exercises}
    return {
        f"learner-{number}": {
            name: f"# {number}\n{draw.choice(pool)}" for name, pool in pools.items()
        }
        for number in range(500)
    }


def test_a_disguised_copy_is_found_in_a_class_of_500_within_seconds(large_class, known):
    answers = {learner: dict(own) for learner, own in large_class.items()}
    answers["learner-7"]["mlp_gradients"] = ORIGINAL
    answers["learner-300"]["mlp_gradients"] = disguised(ORIGINAL)
    started = time.process_time()
    (pair,) = compare(answers, known)
    took_s = time.process_time() - started

    assert disguised(ORIGINAL) != ORIGINAL
    assert pair.learners == ("learner-7", "learner-300")
    assert pair.exercises == {"mlp_gradients": pytest.approx(1, abs=0.1)}
    assert took_s < 30


def test_answers_that_everybody_writes_alike_are_not_listed(large_class, known):
    small_class = dict(list(large_class.items())[:40])

    found = [bool(fingerprints(text)) for own in small_class.values() for text in own.values()]
    assert sum(found) > 0.8 * len(found)  # the others are too short for any
    assert compare(large_class, known) == []
    assert compare(small_class, known) == []
    assert compare(small_class, dict.fromkeys(known, frozenset()))


def test_what_many_of_the_class_have_is_not_listed(known):
    answers = {str(number): {"mlp_gradients": ORIGINAL} for number in range(10)}

    assert compare(answers, known) == []
    assert len(compare({number: answers[number] for number in "0123"}, known)) == 6


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_two_answers_that_were_written_apart_are_not_listed(chapter, course):
    """Of the alternatives to an exercise, each two are compared as if nobody knew them, but all others.

    Answers to a function to mend are alike but for a line: they are not written apart.
    """
    cells = {cell.id: cell.source for cell in read_master(course.solutions / f"{chapter}.py").cells}
    for name, exercise in load_chapter(chapter).exercises.items():
        if exercise.gives:
            continue
        texts = [cells[name], *map(inspect.getsource, exercise.alternatives.values())]
        shared = Path(inspect.getfile(exercise.reference_answer)).parent / "shared.py"
        for pair in combinations(texts, 2):
            others = [text for text in texts if text not in pair] + [shared.read_text()]
            expected = frozenset().union(*map(fingerprints, others))
            answers = {str(number): {name: text} for number, text in enumerate(pair)}

            assert compare(answers, {name: expected}) == [], (name, pair)


@pytest.mark.parametrize("source", ["def f(:", "\0", "(" * 5000, "-" * 100_000 + "1", ""])
def test_what_is_no_python_has_no_fingerprints(source):
    assert fingerprints(source) == frozenset()
