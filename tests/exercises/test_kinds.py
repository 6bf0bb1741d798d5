"""Kinds of input: grading asks for none that the check lacks, views are arrays, arguments stay as they are.

A kind is derived from a case's arguments: no exercise declares it. Messages are searched for the answer.
"""

import ast
import copy
import inspect
import re
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest

from autograder.chapters import CHAPTERS, load_chapter
from autograder.course import ROOT
from autograder.exercise import Case, Exercise
from autograder.release import read_master
from dlarch import drivers
from dlarch.checks_file import ExpectedCase
from dlarch.judge import called_again, judge
from dlarch.plain import PlainData, as_array, clone, is_number, is_tensor, leaves

SEEDS = ("a seed of a grading run", "another one", "a third one")
LARGE, TINY = 1e3, 1e-7
SYMBOLS = {
    "−": "-", "·": "*", "×": "*", "²": "**2", "≤": "<=", "≥": ">=", "σ": "sigmoid", "η": "learning_rate",
    "ε": "epsilon", "μ": "momentum", "β₁": "beta1", "β₂": "beta2", "λ": "weight_decay",
    "θ": "parameter", "ρ": "decay", "np.": "",
}  # fmt: skip
"""How messages write what answers spell out."""
EXERCISES = [
    pytest.param(exercise, id=f"{stem}-{exercise.name}")
    for stem in CHAPTERS
    for exercise in load_chapter(stem).exercises.values()
]


def right_answer(exercise: Exercise) -> Callable:
    return next(iter(exercise.alternatives.values()))


# Kinds --------------------------------------------------------------------------------------------


def kinds_of(exercise: Exercise, case: Case, secret: str = "") -> set[str]:
    """Say of which kinds the arguments of a case are."""
    found = {f"{case.raises} is raised"} if case.raises else set()
    for name, argument in exercise.arguments(case, secret).items():
        for leaf in leaves(argument).values():
            found |= {f"{name}: {kind}" for kind in kinds_of_leaf(leaf)}
    return found


def kinds_of_leaf(value: PlainData) -> Iterator[str]:
    if value is None or isinstance(value, str):
        yield f"the value {re.sub('[0-9]+', '1', repr(value))}"
        return
    numbers = as_array(value)
    yield type(value).__name__ if is_number(value) else f"{numbers.ndim} axes of {numbers.dtype}"
    if numbers.size == 0:
        yield "empty"
    if 1 in numbers.shape:
        yield "an axis of size one"
    if numbers.ndim > 1 and len(set(numbers.shape)) == 1 and numbers.size > 1:
        yield "all axes of one size"
    if numbers.dtype.kind in "if":
        yield from kinds_of_numbers(numbers)


def kinds_of_numbers(numbers: np.ndarray) -> Iterator[str]:
    finite = numbers[np.isfinite(numbers)]
    sizes = np.abs(finite[finite != 0])
    if finite.size < numbers.size:
        yield "not finite"
    if np.any(finite < 0):
        yield "negative"
    if np.any(finite == 0):
        yield "zero"
    if numbers.dtype.kind == "f" and np.any(sizes >= LARGE):
        yield "large"
    if np.any(sizes < TINY):
        yield "tiny"
    if numbers.dtype.kind == "f" and finite.size > 1 and len(np.unique(finite)) == 1:
        yield "all entries equal"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_grading_asks_for_no_kind_that_the_check_lacks(exercise):
    public = {
        kind for case in exercise.cases if not case.secret for kind in kinds_of(exercise, case)
    }
    for case in exercise.cases:
        for seed in SEEDS:
            lacking = kinds_of(exercise, case, seed) - public
            assert not lacking, f"{case.name}: {'; '.join(sorted(lacking))}"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_each_type_that_the_signature_allows_is_public(exercise):
    public = [exercise.arguments(case) for case in exercise.cases if not case.secret]
    for name, *types in re.findall(r"(\w+): [^:]*?\b(\w+\d\d) or (\w+\d\d)", exercise.signature):
        assert set(types) <= {str(as_array(arguments[name]).dtype) for arguments in public}


# Calls --------------------------------------------------------------------------------------------


def scattered(value: PlainData) -> PlainData:
    """Copy plain data so that every array and tensor is a view whose entries lie apart, transposed."""
    if is_tensor(value) and value.ndim:
        wide = value.detach().repeat_interleave(2, -1).transpose(0, -1).contiguous()
        return wide.transpose(0, -1)[..., ::2].requires_grad_(value.requires_grad)
    if isinstance(value, np.ndarray) and value.ndim:
        return np.repeat(value, 2, axis=-1).copy("F")[..., ::2]
    if isinstance(value, list | tuple):
        return type(value)(map(scattered, value))
    if isinstance(value, dict):
        return {key: scattered(item) for key, item in value.items()}
    return clone(value)


def test_scattered_data_are_equal_and_lie_apart():
    array = np.arange(12.0).reshape(3, 4)

    view = scattered([array])[0]
    assert np.array_equal(view, array)
    assert not view.flags.c_contiguous
    assert not view.flags.f_contiguous


def holds_arrays(arguments: PlainData) -> bool:
    return any(
        is_tensor(leaf) or isinstance(leaf, np.ndarray) for leaf in leaves(arguments).values()
    )


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_right_answer_takes_views_and_can_be_called_again(exercise, monkeypatch):
    quick = copy.copy(exercise)
    quick.diagnoses, quick.reference_answer = (), right_answer(exercise)
    quick.cases = [case for case in exercise.cases if holds_arrays(exercise.arguments(case))]
    names = {case.name for case in quick.cases}
    quick.parts = {
        name: part
        for name, part in exercise.parts.items()
        if not part.cases or names & {*part.cases}
    }
    expectation = quick.expectation()

    def run(case: ExpectedCase) -> drivers.Outcome:
        return drivers.run(exercise.driver, right_answer(exercise), case.arguments)

    for part in expectation.parts:
        selected = expectation.for_part(part)
        if selected.cases:
            with monkeypatch.context() as patch:
                patch.setattr(drivers, "clone", scattered)
                came = [run(case) for case in selected.cases]
            again = called_again(selected.cases)
            verdict = judge(selected, came, part, again=(again, run(selected.cases[again])))
            assert verdict.status == "pass", verdict.message


def spoiling(answer: Callable, name: str) -> Callable:
    """Give an answer that is right, and then adds 1 to all arrays of one of its arguments."""

    def spoiled(**arguments: PlainData) -> PlainData:
        result = answer(**arguments)
        for leaf in leaves(arguments.get(name)).values():
            if is_tensor(leaf):
                leaf.data += 1
            elif isinstance(leaf, np.ndarray):
                leaf += np.ones((), leaf.dtype)
        return result

    return spoiled


def arrays_given(exercise: Exercise, case: Case) -> set[str]:
    """Name the arguments of a case that a learner's function gets and may change.

    PyTorch itself refuses to change a tensor in place whose gradient is asked for.
    """
    given = set()

    def watching(*positional: object, **arguments: PlainData) -> PlainData:
        given.update(
            name
            for name, argument in arguments.items()
            for leaf in leaves(argument).values()
            if isinstance(leaf, np.ndarray) or (is_tensor(leaf) and not leaf.requires_grad)
        )
        return right_answer(exercise)(*positional, **arguments)

    drivers.record(exercise.driver, watching, exercise.arguments(case))
    return given & exercise.arguments(case).keys()


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_changed_argument_is_noticed(exercise):
    if inspect.isclass(right_answer(exercise)):
        return
    case = next(case for case in exercise.cases if not case.secret and not case.raises)
    for name in arrays_given(exercise, case):
        wrong = spoiling(right_answer(exercise), name)
        outcome = drivers.record(exercise.driver, wrong, exercise.arguments(case))
        assert outcome.error or name in outcome.modified, name


# Messages -----------------------------------------------------------------------------------------


def plain_letters(text: str) -> str:
    """Write a formula as answers do, without spaces and signs of multiplication."""
    for symbol, word in SYMBOLS.items():
        text = text.replace(symbol, word)
    return re.sub(r"(?<!\*)\*(?!\*)", "", re.sub(r"[\s`]", "", text)).lower()


def operations(node: ast.AST) -> int:
    kinds = ast.BinOp | ast.UnaryOp | ast.Call | ast.Compare | ast.Subscript
    return sum(isinstance(inner, kinds) for inner in ast.walk(node))


def formulas(source: str) -> set[str]:
    """List the expressions of an answer that take two operations at least."""
    return {
        plain_letters(ast.unparse(node))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.expr)
        and not isinstance(node, ast.Tuple | ast.List)
        and operations(node) >= 2
    }


@cache
def answers_of(stem: str) -> dict[str, str]:
    return {cell.id: cell.source for cell in read_master(ROOT / f"solutions/{stem}.py").cells}


def test_a_formula_is_found_in_a_message():
    found = formulas("h = sigmoid(a)\nslope = h * (1 - h)")

    assert any(formula in plain_letters("Write it h (1 − h).") for formula in found)
    assert not any(formula in plain_letters("You give a (1 − a).") for formula in found)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_messages_hold_no_formula_of_the_answer(exercise):
    answer = formulas(answers_of(exercise.chapter)[exercise.name])
    for mistake in exercise.mistakes:
        told = {formula for formula in answer if formula in plain_letters(mistake.message)}
        assert not told, f"{mistake.id}: {', '.join(told)}"
