"""No part of any exercise gives points for what can be said without doing the work.

An answer that has replaced everything in its process can send any record. So each exercise is answered by
records of other inputs, of other cases, and of stubs, and has to give nothing. Another right answer stands
in for the reference, which is slower.
"""

import copy
import itertools
from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np
import pytest

from autograder.chapters import CHAPTERS, load_chapter
from autograder.exercise import Exercise
from dlarch import drivers
from dlarch.checks_file import Expectation
from dlarch.drivers import Outcome
from dlarch.judge import judge
from dlarch.plain import Foreign, PlainData, is_array, is_number, is_tensor

SECRET, OTHER = "a seed of a grading run", "the seed of another run"
ERRORS = ("ValueError", "TypeError", "IndexError", "KeyError", "RuntimeError", "AssertionError")
EXERCISES = [
    pytest.param(exercise, id=f"{stem}-{exercise.name}")
    for stem in CHAPTERS
    for exercise in load_chapter(stem).exercises.values()
]


def right_answer(exercise: Exercise) -> Callable:
    return next(iter(exercise.alternatives.values()))


@pytest.fixture
def expectation(exercise: Exercise) -> Expectation:
    return secret_expectation(exercise.chapter, exercise.name)


@pytest.fixture
def known(exercise: Exercise) -> dict[str, Outcome]:
    return records_of_other_inputs(exercise.chapter, exercise.name)


@cache
def secret_expectation(chapter: str, name: str) -> Expectation:
    exercise = load_chapter(chapter).exercises[name]
    quick = copy.copy(exercise)
    quick.diagnoses, quick.reference_answer = (), right_answer(exercise)
    return quick.expectation(SECRET)


@cache
def records_of_other_inputs(chapter: str, name: str) -> dict[str, Outcome]:
    """What a right answer gives for each case with public inputs, and for secret cases with other ones."""
    exercise = load_chapter(chapter).exercises[name]
    return {
        case.name: drivers.record(
            exercise.driver,
            right_answer(exercise),
            exercise.arguments(case, OTHER if case.secret else ""),
        )
        for case in exercise.cases
    }


def points(expectation: Expectation, records: list[Outcome]) -> dict[str, float]:
    """Judge each part by what the checker derives from records, one for each case; give those with points."""
    outcomes = {
        case.name: drivers.derive(expectation.driver, record, case.arguments)
        for case, record in zip(expectation.cases, records, strict=True)
    }
    earned = {}
    for part in expectation.parts:
        selected = expectation.for_part(part)
        verdict = judge(selected, [outcomes[case.name] for case in selected.cases], part)
        if verdict.points:
            earned[part] = verdict.points
    return earned


@pytest.mark.parametrize("exercise", EXERCISES)
def test_records_of_other_inputs_earn_nothing(exercise, expectation, known):
    public = [known[case.name] for case in exercise.cases if not case.secret]

    same_case = [known[case.name] for case in expectation.cases]
    assert points(expectation, same_case) == {}
    by_call_order = itertools.islice(itertools.cycle(public), len(expectation.cases))
    assert points(expectation, list(by_call_order)) == {}
    for record in public:
        assert points(expectation, [record] * len(expectation.cases)) == {}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_stubs_earn_nothing(exercise, expectation, known):
    expected_errors = [case.expected.error for case in expectation.cases]

    for error in ERRORS:
        assert points(expectation, [Outcome(error=error)] * len(expectation.cases)) == {}, error
    for name, stub in stubs():
        records = [
            drivers.record(expectation.driver, stub, case.arguments) for case in expectation.cases
        ]
        assert points(expectation, records) == {}, name
        knowing = [
            Outcome(error=error) if error else record
            for error, record in zip(expected_errors, records, strict=True)
        ]
        assert points(expectation, knowing) == {}, f"{name}, and the errors that are expected"
    for name, number in (("zeros", 0), ("ones", 1), ("NaN", np.nan), ("empty", None)):
        like = [Outcome(value=filled(known[case.name].value, number)) for case in expectation.cases]
        assert points(expectation, like) == {}, name


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_damaged_record_is_a_wrong_answer_and_no_crash(exercise, expectation, known):
    first = exercise.cases[0].name
    case = next(case for case in expectation.cases if case.name == first)

    for damaged in itertools.islice(damages(known[first].value), 200):
        outcome = drivers.derive(exercise.driver, Outcome(value=damaged), case.arguments)
        assert outcome.error in (None, drivers.UNREADABLE)
        assert outcome.error is None or outcome.detail


def damages(value: PlainData) -> Iterator[PlainData]:
    """Give a record with something else in the place of one of its parts, for each part."""
    yield from (
        None,
        "text",
        {},
        [[[]]],
        np.zeros((0, 3)),
        np.full(9, np.nan),
        Foreign("x"),
        1e300,
    )
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            for damaged in damages(item):
                yield type(value)((*value[:index], damaged, *value[index + 1 :]))
        yield value[:-1]
    elif isinstance(value, dict):
        for key, item in value.items():
            for damaged in damages(item):
                yield {**value, key: damaged}


def stubs() -> Iterator[tuple[str, Callable]]:
    """Functions that do no work."""

    def argument(index: int) -> Callable:
        def give(*positional: object, **named: object) -> object:
            given = [*positional, *named.values()]
            return given[index % len(given)]

        return give

    for index in range(6):
        yield f"argument {index}", argument(index)
    for value in (None, 0, 0.0, 1.0, True, False, "", (), [], {}):
        yield f"{value!r}", lambda *_, value=value, **__: value
    for indices in ((0,), (1,), (0, 1, 2, 3)):
        yield f"noise in the arguments {indices}", partial(_shake, indices)
        yield f"noise in the arguments {indices} and a number", partial(_shake, indices, result=0.7)


def _shake(
    indices: tuple[int, ...], *positional: object, result: float | None = None, **named: object
) -> float | None:
    """Add 1 to every array, tensor and parameter that can be reached through some arguments."""
    given = [*positional, *named.values()]
    for item in [given[index] for index in indices if index < len(given)]:
        for array in item if isinstance(item, list) else [item]:
            if is_tensor(array):
                array.data += 1
            elif isinstance(array, np.ndarray):
                array += np.ones((), array.dtype)
        for parameter in item.parameters() if hasattr(item, "parameters") else ():
            parameter.data += 1
    return result


def filled(value: PlainData, number: float | None) -> PlainData:
    """Give data of the same build that holds one number everywhere; None: no entries at all."""
    if isinstance(value, list | tuple):
        return type(value)(filled(item, number) for item in value)
    if isinstance(value, dict):
        return {key: filled(item, number) for key, item in value.items()}
    if is_tensor(value):
        return value.new_empty(0) if number is None else value.detach().clone().fill_(number)
    if is_array(value):
        return np.empty(0) if number is None else np.full(np.shape(value), number)
    return number if is_number(value) else ""
