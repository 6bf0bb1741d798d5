"""From the outcomes of a learner's function to a verdict.

An answer that is wrong is explained in this order, and only as far as it is certain: an earlier function
of the learner's that fails its own check; the one mistake that gives exactly this answer; a regularity
(fingerprint); the first difference. Whatever else is wrong, facts that stand by themselves are told too:
a changed argument, values that are not finite, a second call that differs.
"""

import re
from collections.abc import Callable
from itertools import permutations

import numpy as np

from dlarch.checks_file import Expectation, ExpectedCase, ExpectedMistake
from dlarch.compare import Comparison, compare, described, is_numeric
from dlarch.drivers import UNREADABLE, Outcome
from dlarch.fingerprint import fingerprint
from dlarch.plain import PlainData, as_array, describe, is_number, leaves
from dlarch.verdict import Row, Verdict

Compared = list[dict[str, Comparison]]
"""For each case, its counted outputs by name."""
RESULT_ITSELF = ("call", "pull_back")
"""Drivers whose outputs are what the learner's function returned."""
FEW = 12
"""Yes-or-no values, over all cases, that a mistake must explain before it is named."""


def size_of(arguments: dict[str, PlainData]) -> int:
    """Count the numbers that a case is given."""
    return sum(
        as_array(leaf).size if is_numeric(leaf) else 1
        for value in arguments.values()
        for leaf in leaves(value).values()
    )


def smallest(cases: list[ExpectedCase]) -> int:
    """Give the index of the case with the fewest numbers."""
    return min(range(len(cases)), key=lambda index: size_of(cases[index].arguments))


def called_again(cases: list[ExpectedCase]) -> int:
    """Give the index of the case that is called once more: the smallest that has a result."""
    valued = [index for index, case in enumerate(cases) if not case.expected.error] or [0]
    return valued[smallest([cases[index] for index in valued])]


def judge(
    expectation: Expectation,
    outcomes: list[Outcome],
    part: str = "",
    first_failing_use: Callable[[], str | None] = lambda: None,
    again: tuple[int, Outcome] | None = None,
) -> Verdict:
    """Judge one part of an exercise.

    Args:
        expectation: the cases that the part counts, expected outcomes and mistakes.
        outcomes: the learner's outcome of each case, in the same order.
        part: name of the part; empty for an exercise of one part.
        first_failing_use: names the first function this one uses that fails its own check; asked only
            when the answer is wrong.
        again: a case's place in the order, and its outcome when it was called once more after all others.

    Returns:
        The verdict, with one row for each output.
    """
    share = expectation.parts[part]
    verdict = Verdict(
        id=f"{expectation.name}_{part}" if part else expectation.name,
        points=0.0,
        max_points=share.points,
        status="fail",
    )
    if all(_is_stub(outcome) for outcome in outcomes):
        verdict.status = "missing"
        verdict.message = (
            f"{expectation.name} is not written yet: in its cell, replace "
            "`raise NotImplementedError` with your answer, run that cell, then this one."
        )
        return verdict
    if _is_as_given(expectation, outcomes):
        verdict.status, verdict.message = "missing", expectation.as_given.message
        return verdict
    counted = [
        _counted(_compare_case(expectation, expected.expected, outcome), share.outputs)
        for expected, outcome in zip(expectation.cases, outcomes, strict=True)
    ]
    primary = _primary(expectation, counted)
    verdict.rows = _rows(expectation, counted, primary)
    if primary is not None:
        verdict.case = expectation.cases[primary].name
        _explain(verdict, expectation, outcomes, counted, share.outputs, first_failing_use)
        facts = _facts(expectation, outcomes, verdict, again)
        verdict.message = " ".join([_closed(verdict.message), *facts])
        return verdict
    if again is not None:
        case = expectation.cases[again[0]]
        repeated = _counted(_compare_case(expectation, case.expected, again[1]), share.outputs)
        if not all(item.passed for item in repeated.values()):
            verdict.case = case.name
            verdict.message = f"{expectation.name}: {AGAIN}"
            return verdict
    verdict.status, verdict.points = "pass", share.points
    return verdict


AGAIN = (
    "a second call with the same arguments gives another result: "
    "nothing may be left over from an earlier call."
)


def _is_stub(outcome: Outcome) -> bool:
    """Say whether the answer's own `raise NotImplementedError` was reached."""
    return outcome.error == "NotImplementedError" and bool(
        re.match(r" \(line \d+: raise NotImplementedError", outcome.place)
    )


def _is_as_given(expectation: Expectation, outcomes: list[Outcome]) -> bool:
    """Say whether a function to mend does what it did when it was given."""
    given = expectation.as_given
    return given is not None and any(
        _same(expectation, spelling, outcomes) for spelling in given.spellings
    )


def _closed(message: str) -> str:
    return message if message.endswith((".", "!", "?", ")")) else f"{message}."


def _counted(items: dict[str, Comparison], outputs: tuple[str, ...]) -> dict[str, Comparison]:
    return {name: item for name, item in items.items() if _counts(name, outputs)}


def _primary(expectation: Expectation, counted: Compared) -> int | None:
    """Give the smallest case that fails: the one that the message and the table speak of."""
    failing = [
        index for index, case in enumerate(counted)
        if not all(item.passed for item in case.values())
    ]  # fmt: skip
    if not failing:
        return None
    return failing[smallest([expectation.cases[index] for index in failing])]


def named_outputs(value: PlainData, outputs: tuple[str, ...]) -> dict[str, PlainData]:
    """Give the leaves of a result by the exercise's names for its outputs.

    Args:
        value: what the driver returned: one output, a tuple of them, or a dict by name.
        outputs: names of the outputs.

    Returns:
        Leaves by name; a result of another build is one leaf called `result`.
    """
    return {
        leaf: content
        for name, item in _by_output(value, outputs).items()
        for leaf, content in leaves(item, name).items()
    }


def _by_output(value: PlainData, outputs: tuple[str, ...]) -> dict[str, PlainData]:
    if isinstance(value, dict) and set(outputs) <= value.keys():
        return {name: value[name] for name in outputs}
    if len(outputs) == 1:
        return {outputs[0]: value}
    if isinstance(value, list | tuple) and len(value) == len(outputs):
        return dict(zip(outputs, value, strict=True))
    return {"result": value}


def _counts(leaf: str, outputs: tuple[str, ...]) -> bool:
    """Say whether a leaf, such as `dW[0]`, belongs to one of the outputs."""
    whole = leaf.split("[")[0]
    return not outputs or whole in outputs or whole == "result" or whole.startswith("argument ")


def _compare_case(
    expectation: Expectation, expected: Outcome, actual: Outcome
) -> dict[str, Comparison]:
    if expected.error or actual.error:
        passed = expected.error == actual.error
        message = "" if passed else _error_message(expectation.name, expected, actual)
        kind = "type" if actual.error == UNREADABLE else "error"
        return {"result": Comparison("result", passed, kind, message=message)}
    if actual.value is None and expected.value is not None:
        message = "returned None: is there a `return` at the end?"
        return {"result": Comparison("result", False, "type", message=message)}
    wanted = named_outputs(expected.value, expectation.outputs)
    given = named_outputs(actual.value, expectation.outputs)
    if wanted.keys() != given.keys():
        message = _structure_message(expected.value, actual.value, expectation.outputs)
        return {"result": Comparison("result", False, "type", message=message)}
    comparisons = {
        name: compare(name, wanted[name], given[name], expectation.tolerance) for name in wanted
    }
    for name in actual.modified:
        if name not in expected.modified:
            comparisons[f"argument {name}"] = Comparison(
                f"argument {name}",
                False,
                "modified",
                message=f"changes its argument {name} in place; work on a copy",
            )
    return comparisons


def _error_message(name: str, expected: Outcome, actual: Outcome) -> str:
    if not actual.error:
        return f"expected {expected.error}, which was not raised"
    wanted = f"expected {expected.error}; " if expected.error else ""
    if actual.error == UNREADABLE or (not actual.place and actual.detail.startswith("expected ")):
        return f"{wanted}{actual.detail}"
    if actual.error == "TypeError" and not actual.place:
        called = re.escape(name) + r"(?:\.\w+)?\(\)"
        if found := re.match(
            called + r" got an unexpected keyword argument '(\w+)'", actual.detail
        ):
            return f"has no parameter called {found[1]}: keep the names of the task's parameters"
        if found := re.match(called + r" missing \d+ .*arguments?: (.+)", actual.detail):
            asked = found[1].replace("'", "")
            return f"asks for {asked}, which the task does not pass: keep the task's parameters"
        if re.match(called + r" takes .* given", actual.detail):
            return f"takes fewer arguments than the task names ({actual.detail})"
    detail = f": {actual.detail}" if actual.detail else ""
    return f"{wanted}raised {actual.error}{detail}{actual.place}"


def _structure_message(expected: PlainData, actual: PlainData, outputs: tuple[str, ...]) -> str:
    wanted, given = _by_output(expected, outputs), _by_output(actual, outputs)
    if wanted.keys() != given.keys():
        return f"expected {len(outputs)} outputs ({', '.join(outputs)}), got {described(actual)}"
    name = next(n for n in wanted if leaves(wanted[n]).keys() != leaves(given[n]).keys())
    kind = "number" if is_number(wanted[name]) else describe(wanted[name])
    if kind != describe(given[name]):
        return f"{name}: expected a {kind}, got {described(given[name])}"
    wanted, given = leaves(wanted[name], name), leaves(given[name], name)
    missing = [leaf for leaf in wanted if leaf not in given]
    surplus = [leaf for leaf in given if leaf not in wanted]
    text = [f"missing {', '.join(missing[:3])}"] if missing else []
    text += [f"not expected {', '.join(surplus[:3])}"] if surplus else []
    return f"the result is built differently: {'; '.join(text)}"


def _rows(expectation: Expectation, counted: Compared, primary: int | None) -> list[Row]:
    """Give each output's row: in the case that the message speaks of, else where it is furthest off."""
    rows: dict[str, Row] = {}
    rank: dict[str, tuple] = {}
    for index, (expected, case) in enumerate(zip(expectation.cases, counted, strict=True)):
        size = size_of(expected.arguments)
        for name, item in case.items():
            ratio = (item.error or 0.0) / item.limit if item.limit else 0.0
            place = (item.passed, index != primary, -ratio if item.passed else size)
            if name in rows and place >= rank[name]:
                continue
            rank[name] = place
            shape = "" if item.expected_shape is None else str(item.expected_shape)
            if item.actual_shape != item.expected_shape:
                shape = f"{item.expected_shape} expected, {item.actual_shape} came"
            rows[name] = Row(
                name, item.passed, shape, item.error, item.limit, expected.name, item.message
            )
    return list(rows.values())


def _explain(
    verdict: Verdict,
    expectation: Expectation,
    outcomes: list[Outcome],
    counted: Compared,
    outputs: tuple[str, ...],
    first_failing_use: Callable[[], str | None],
) -> None:
    errors = [outcome for outcome in outcomes if outcome.error]
    if errors and len(errors) == len(outcomes):
        memory = all(outcome.error == "MemoryError" for outcome in errors)
        verdict.status = "memory" if memory else "error"
    use = first_failing_use()
    if use:
        verdict.message = (
            f"{expectation.name} uses {use}, which does not pass its own check yet: "
            "mend that one first."
        )
        return
    mistake = _diagnose(expectation, outcomes, outputs)
    if mistake:
        verdict.mistake, verdict.message = mistake.id, mistake.message
        verdict.section = mistake.section or expectation.section
        return
    sentence = _reordered(expectation, outcomes) or _first_difference(
        expectation, outcomes, counted
    )
    verdict.message = f"{expectation.name}: {sentence}"


def _facts(
    expectation: Expectation,
    outcomes: list[Outcome],
    verdict: Verdict,
    again: tuple[int, Outcome] | None,
) -> list[str]:
    """Say what is certain beside the explanation, where that does not say it."""
    pairs = list(zip(expectation.cases, outcomes, strict=True))
    known = next((m.spellings for m in expectation.mistakes if m.id == verdict.mistake), None)
    facts = []
    told = {name for spelling in known or [] for outcome in spelling for name in outcome.modified}
    for case, outcome in pairs:
        for name in outcome.modified:
            if name not in told and name not in case.expected.modified:
                told.add(name)
                if f"argument {name} in place" not in verdict.message:
                    facts.append(f"It also changes its argument {name} in place; work on a copy.")
    if known is None and "not finite" not in verdict.message:
        strange = [case.name for case, outcome in pairs if _not_finite(case.expected, outcome)]
        if strange:
            facts.append(f"Some values are not finite (case: {strange[0]}).")
    if again is not None and outcomes[again[0]].error is None:
        repeated = _compare_case(expectation, outcomes[again[0]], again[1])
        if not all(item.passed or item.kind == "modified" for item in repeated.values()):
            facts.append(f"{AGAIN[0].upper()}{AGAIN[1:]}")
    return facts


def _not_finite(expected: Outcome, actual: Outcome) -> bool:
    def strange(value: PlainData) -> bool:
        return any(
            not np.isfinite(as_array(leaf)).all()
            for leaf in leaves(value).values()
            if is_numeric(leaf) and as_array(leaf).dtype.kind == "f"
        )

    return strange(actual.value) and not strange(expected.value)


def _diagnose(
    expectation: Expectation, outcomes: list[Outcome], outputs: tuple[str, ...]
) -> ExpectedMistake | None:
    """Find the one mistake that explains every output, or else the counted outputs and spoils no other."""
    spellings = [
        (mistake, spelling)
        for mistake in expectation.mistakes
        for spelling in mistake.spellings
        if _tells(spelling)
    ]
    alike = [pair for pair in spellings if _same(expectation, pair[1], outcomes)]
    if not alike and _well_formed(expectation, outcomes):
        right = [case.expected for case in expectation.cases]
        alike = [
            pair for pair in spellings
            if _same(expectation, pair[1], outcomes, lambda name: _counts(name, outputs))
            and _same(expectation, pair[1], right, lambda name: not _counts(name, outputs))
        ]  # fmt: skip
    exact = [
        (mistake, spelling) for mistake, spelling in alike
        if all(
            set(wrong.modified) == set(actual.modified)
            for wrong, actual in zip(spelling, outcomes, strict=True)
        )
    ]  # fmt: skip
    named = {mistake.id: mistake for mistake, _ in exact or alike}
    return next(iter(named.values())) if len(named) == 1 else None


def _tells(spelling: list[Outcome]) -> bool:
    """Say whether a mistake's outcomes are peculiar: a few answers of yes or no agree by chance."""
    values = [
        leaf for outcome in spelling if outcome.error is None
        for leaf in leaves(outcome.value).values()
    ]  # fmt: skip
    arrays = [as_array(leaf) for leaf in values if is_numeric(leaf)]
    if len(arrays) < len(values) or any(array.dtype.kind != "b" for array in arrays):
        return True
    return not arrays or sum(array.size for array in arrays) >= FEW


def _well_formed(expectation: Expectation, outcomes: list[Outcome]) -> bool:
    """Say whether every output is there, of the right type and shape, be it right or wrong."""
    return all(
        item.passed or item.kind not in ("type", "shape")
        for case, outcome in zip(expectation.cases, outcomes, strict=True)
        for item in _compare_case(expectation, case.expected, outcome).values()
    )


def _same(
    expectation: Expectation,
    spelling: list[Outcome],
    outcomes: list[Outcome],
    seen: Callable[[str], bool] = lambda name: True,
) -> bool:
    """Say whether a spelling of a mistake gives these outcomes, in the outputs that are `seen`.

    Exceptions agree by their type where other cases give the mistake away by its values; a mistake that
    only raises must say the same words.
    """
    compared = list(zip(expectation.cases, spelling, outcomes, strict=True))
    by_type = any(
        not wrong.error
        and not all(
            item.passed
            for name, item in _compare_case(expectation, case.expected, wrong).items()
            if seen(name)
        )
        for case, wrong, _ in compared
    )
    return all(
        set(wrong.modified) <= set(actual.modified)
        and (by_type or wrong.detail == actual.detail or wrong.error == case.expected.error)
        and all(
            item.passed or item.kind == "modified"
            for name, item in _compare_case(expectation, wrong, actual).items()
            if seen(name)
        )
        for case, wrong, actual in compared
    )


def _reordered(expectation: Expectation, outcomes: list[Outcome]) -> str | None:
    """Say in which other order the right results came, when one order explains every case."""
    pairs = [
        (case.expected.value, outcome.value)
        for case, outcome in zip(expectation.cases, outcomes, strict=True)
        if not case.expected.error
    ]
    names = expectation.outputs
    if not all(
        isinstance(value, list | tuple) and len(value) == len(names)
        for pair in pairs
        for value in pair
    ):
        return None
    fitting = [
        order for order in permutations(range(len(names)))
        if all(
            _alike(expectation, wanted[place], given[position])
            for wanted, given in pairs
            for position, place in enumerate(order)
        )
    ]  # fmt: skip
    if len(fitting) != 1 or fitting[0] == tuple(range(len(names))):
        return None
    came = ", ".join(names[place] for place in fitting[0])
    return f"returns the right results in the wrong order: expected {', '.join(names)}, got {came}"


def _alike(expectation: Expectation, wanted: PlainData, given: PlainData) -> bool:
    wanted, given = leaves(wanted), leaves(given)
    return wanted.keys() == given.keys() and all(
        compare(name, wanted[name], given[name], expectation.tolerance).passed for name in wanted
    )


def _first_difference(expectation: Expectation, outcomes: list[Outcome], counted: Compared) -> str:
    primary = _primary(expectation, counted)
    item = next(item for item in counted[primary].values() if not item.passed)
    name = item.output
    failing = [
        index for index, items in enumerate(counted) if name in items and not items[name].passed
    ]
    where = "" if len(failing) == len(counted) else f" (case: {expectation.cases[primary].name})"
    sentence = None
    if item.kind in ("value", "shape", "type") and name != "result":
        sentence = fingerprint(
            name,
            [
                (
                    expectation.cases[index].arguments,
                    named_outputs(expectation.cases[index].expected.value, expectation.outputs)[
                        name
                    ],
                    named_outputs(outcomes[index].value, expectation.outputs)[name],
                )
                for index in failing
            ],
            expectation.tolerance,
        )
    message = (sentence or item.message).removesuffix(".")
    if expectation.driver not in RESULT_ITSELF:  # the learner wrote no array of this name
        message = re.sub(r"^(\w+)\[.*?\] (differs|is)\b", r"\1 \2", message)
    return f"{message}{where}"
