"""From the outcomes of a learner's function to a verdict.

An answer that is wrong is explained in this order, and only as far as it is certain: an earlier function
of the learner's that fails its own check; the one mistake that gives exactly this answer; a regularity
(fingerprint); the first difference.
"""

from collections.abc import Callable

from dlarch.checks_file import Expectation, ExpectedMistake
from dlarch.compare import Comparison, compare
from dlarch.drivers import UNREADABLE, Outcome
from dlarch.fingerprint import fingerprint
from dlarch.plain import PlainData, describe, is_number, leaves
from dlarch.verdict import Row, Verdict


def judge(
    expectation: Expectation,
    outcomes: list[Outcome],
    part: str = "",
    first_failing_use: Callable[[], str | None] = lambda: None,
) -> Verdict:
    """Judge one part of an exercise.

    Args:
        expectation: the cases that the part counts, expected outcomes and mistakes.
        outcomes: the learner's outcome of each case, in the same order.
        part: name of the part; empty for an exercise of one part.
        first_failing_use: names the first function this one uses that fails its own check; asked only
            when the answer is wrong.

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
    if all(outcome.error == "NotImplementedError" for outcome in outcomes):
        verdict.status = "missing"
        verdict.message = (
            f"{expectation.name} is not written yet: in its cell, replace "
            "`raise NotImplementedError` with your answer, run that cell, then this one."
        )
        return verdict
    comparisons = [
        _compare_case(expectation, expected.expected, outcome)
        for expected, outcome in zip(expectation.cases, outcomes, strict=True)
    ]
    counted = [
        {name: item for name, item in case.items() if _counts(name, share.outputs)}
        for case in comparisons
    ]
    verdict.rows = _rows(expectation, counted)
    if all(item.passed for case in counted for item in case.values()):
        verdict.status, verdict.points = "pass", share.points
        return verdict
    _explain(verdict, expectation, outcomes, counted, share.outputs, first_failing_use)
    return verdict


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


def _counts(output: str, outputs: tuple[str, ...]) -> bool:
    return not outputs or output.startswith(("result", "argument ", *outputs))


def _compare_case(
    expectation: Expectation, expected: Outcome, actual: Outcome
) -> dict[str, Comparison]:
    if expected.error or actual.error:
        passed = expected.error == actual.error
        if actual.error == UNREADABLE:
            message = "" if passed else actual.detail
            return {"result": Comparison("result", passed, "type", message=message)}
        message = (
            f"raised {actual.error}{': ' if actual.detail else ''}{actual.detail}{actual.place}"
            if actual.error
            else "raised no error"
        )
        if expected.error:
            message = f"expected {expected.error}; {message}"
        return {"result": Comparison("result", passed, "error", message="" if passed else message)}
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


def _structure_message(expected: PlainData, actual: PlainData, outputs: tuple[str, ...]) -> str:
    wanted, given = _by_output(expected, outputs), _by_output(actual, outputs)
    if wanted.keys() != given.keys():
        return f"expected {len(outputs)} outputs ({', '.join(outputs)}), got {describe(actual)}"
    name = next(n for n in wanted if leaves(wanted[n]).keys() != leaves(given[n]).keys())
    kind = "number" if is_number(wanted[name]) else describe(wanted[name])
    if kind != describe(given[name]):
        return f"{name}: expected a {kind}, got {describe(given[name])}"
    wanted, given = leaves(wanted[name], name), leaves(given[name], name)
    missing = [leaf for leaf in wanted if leaf not in given]
    surplus = [leaf for leaf in given if leaf not in wanted]
    text = [f"missing {', '.join(missing[:3])}"] if missing else []
    text += [f"not expected {', '.join(surplus[:3])}"] if surplus else []
    return f"the result is built differently: {'; '.join(text)}"


def _rows(expectation: Expectation, counted: list[dict[str, Comparison]]) -> list[Row]:
    rows: dict[str, Row] = {}
    severity: dict[str, float] = {}
    for expected, case in zip(expectation.cases, counted, strict=True):
        for name, item in case.items():
            ratio = (item.error or 0.0) / item.limit if item.limit else 0.0
            score = ratio if item.passed else 1e9 + ratio
            if item.kind not in ("value", "bound") and not item.passed:
                score = float("inf")
            if name in rows and score <= severity[name]:
                continue
            severity[name] = score
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
    counted: list[dict[str, Comparison]],
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
    verdict.message = _first_difference(expectation, outcomes, counted)


def _diagnose(
    expectation: Expectation, outcomes: list[Outcome], outputs: tuple[str, ...]
) -> ExpectedMistake | None:
    """Find the one mistake that explains every output, or else the counted outputs and spoils no other."""

    def explains(spelling: list[Outcome]) -> bool:
        return _same(expectation, spelling, outcomes)

    def explains_what_counts(spelling: list[Outcome]) -> bool:
        right = [case.expected for case in expectation.cases]
        return _same(
            expectation, spelling, outcomes, lambda name: _counts(name, outputs)
        ) and _same(expectation, spelling, right, lambda name: not _counts(name, outputs))

    alike = [mistake for mistake in expectation.mistakes if any(map(explains, mistake.spellings))]
    if not alike and _well_formed(expectation, outcomes):
        alike = [
            mistake
            for mistake in expectation.mistakes
            if any(map(explains_what_counts, mistake.spellings))
        ]
    return alike[0] if len(alike) == 1 else None


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
    """Say whether a spelling of a mistake gives these outcomes, in the outputs that are `seen`."""
    return all(
        set(wrong.modified) == set(actual.modified)
        and (wrong.detail == actual.detail or (wrong.error and wrong.error == case.expected.error))
        and all(
            item.passed
            for name, item in _compare_case(expectation, wrong, actual).items()
            if seen(name)
        )
        for case, wrong, actual in zip(expectation.cases, spelling, outcomes, strict=True)
    )


def _first_difference(
    expectation: Expectation, outcomes: list[Outcome], counted: list[dict[str, Comparison]]
) -> str:
    case, name = next(
        (index, name)
        for index, items in enumerate(counted)
        for name, item in items.items()
        if not item.passed
    )
    item = counted[case][name]
    failing = [
        index for index, items in enumerate(counted) if name in items and not items[name].passed
    ]
    where = "" if len(failing) == len(counted) else f" (case: {expectation.cases[case].name})"
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
    if item.kind in ("type", "shape", "modified") and not sentence and name != "result":
        message = f"{item.output}: {message}" if item.kind != "modified" else message
    return f"{expectation.name}: {message}{where}"
