"""The checks file: what a chapter's checks compare with, made at release by the staff's side.

One safetensors file: all arrays, and in its metadata, as JSON, the exercises with their cases,
expected outcomes and the outcomes of every mistake. It holds data, no code and no secret cases.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np

from dlarch.compare import Bound, Tolerance
from dlarch.drivers import Outcome
from dlarch.plain import ArrayTable, Foreign, PlainData, clone, decode, encode

LAYOUT = "2"
AS_GIVEN = "as_given"
"""Id of what a function to mend gives as long as nobody has mended it."""


class LayoutError(ValueError):
    """A checks file of another version of the course."""


class DamagedError(ValueError):
    """A file that is no checks file, or no longer a whole one."""


@dataclass
class Part:
    """A share of an exercise that is checked, and scored, by a cell of its own."""

    points: float
    outputs: tuple[str, ...] = ()
    """Outputs that count here; none named: all of them."""
    cases: tuple[str, ...] = ()
    """Cases that count here; none named: all of them."""


@dataclass
class ExpectedCase:
    """One case: what goes in and what should come out."""

    name: str
    arguments: dict[str, PlainData]
    expected: Outcome
    """The reference's outcome; an output with a bound holds a Bound."""


@dataclass
class ExpectedMistake:
    """What one misconception gives."""

    id: str
    message: str
    section: str
    spellings: list[list[Outcome]]
    """For each way to write it, the outcome of every case."""


@dataclass
class Expectation:
    """All that is needed to judge one exercise."""

    name: str
    driver: str
    outputs: tuple[str, ...]
    parts: dict[str, Part]
    tolerance: Tolerance
    uses: tuple[str, ...]
    forbids: tuple[str, ...]
    section: str
    cases: list[ExpectedCase] = field(default_factory=list, repr=False)
    mistakes: list[ExpectedMistake] = field(default_factory=list, repr=False)
    digest: str = ""
    """Of all that this was made from."""
    backend: str = ""
    """What the reference ran on, as `autograder.kernels.backend` names it."""

    @property
    def as_given(self) -> "ExpectedMistake | None":
        """What the function to mend gives untouched; None where the answer cell is a stub."""
        return next((mistake for mistake in self.mistakes if mistake.id == AS_GIVEN), None)

    def for_part(self, part: str) -> "Expectation":
        """Keep the cases that a part counts.

        Raises:
            ValueError: no such part.
        """
        if part not in self.parts:
            known = ", ".join(repr(name) for name in self.parts if name)
            wanted = f"one of {known}" if known else "none: it is checked as a whole"
            raise ValueError(f"expected a part of {self.name} ({wanted}), got {part!r}")
        names = self.parts[part].cases
        kept = [i for i, case in enumerate(self.cases) if not names or case.name in names]
        mistakes = [
            replace(
                mistake,
                spellings=[[outcomes[i] for i in kept] for outcomes in mistake.spellings],
            )
            for mistake in self.mistakes
        ]
        return replace(self, cases=[self.cases[i] for i in kept], mistakes=mistakes)


@dataclass
class ChecksFile:
    """The content of one checks file."""

    chapter: str
    exercises: dict[str, dict]
    """By name, encoded."""
    table: ArrayTable

    @property
    def digests(self) -> dict[str, str]:
        """Digests of what each exercise's expectations were made from."""
        return {name: encoded["digest"] for name, encoded in self.exercises.items()}

    @property
    def backend(self) -> str:
        """What the references ran on."""
        return " and ".join(sorted({item["backend"] for item in self.exercises.values()}))

    def expectation(self, exercise: str) -> Expectation:
        """Decode one exercise; its arrays are fresh copies."""
        structure = self.exercises[exercise]

        def outcome(encoded: dict) -> Outcome:
            value = _restore_bounds(decode(encoded["value"], self.table))
            return Outcome(
                value, encoded["error"], encoded["detail"], modified=tuple(encoded["modified"])
            )

        return Expectation(
            name=exercise,
            driver=structure["driver"],
            outputs=tuple(structure["outputs"]),
            parts={
                name: Part(part["points"], tuple(part["outputs"]), tuple(part["cases"]))
                for name, part in structure["parts"].items()
            },
            tolerance=Tolerance(**structure["tolerance"]),
            uses=tuple(structure["uses"]),
            forbids=tuple(structure["forbids"]),
            section=structure["section"],
            cases=[
                ExpectedCase(
                    case["name"],
                    decode(case["arguments"], self.table),
                    outcome(case["expected"]),
                )
                for case in structure["cases"]
            ],
            mistakes=[
                ExpectedMistake(
                    mistake["id"],
                    mistake["message"],
                    mistake["section"],
                    [[outcome(item) for item in items] for items in mistake["spellings"]],
                )
                for mistake in structure["mistakes"]
            ],
            digest=structure["digest"],
            backend=structure["backend"],
        )


def encode_expectation(expectation: Expectation, table: ArrayTable) -> dict:
    """Turn one expectation into JSON; its arrays go to `table`."""

    def outcome(item: Outcome) -> dict:
        value = encode(_replace_bounds(item.value), table)
        modified = list(item.modified)
        return {"value": value, "error": item.error, "detail": item.detail, "modified": modified}

    return {
        "driver": expectation.driver,
        "outputs": list(expectation.outputs),
        "parts": {name: asdict(part) for name, part in expectation.parts.items()},
        "tolerance": asdict(expectation.tolerance),
        "uses": list(expectation.uses),
        "forbids": list(expectation.forbids),
        "section": expectation.section,
        "cases": [
            {
                "name": case.name,
                "arguments": encode(case.arguments, table),
                "expected": outcome(case.expected),
            }
            for case in expectation.cases
        ],
        "mistakes": [
            {
                "id": mistake.id,
                "message": mistake.message,
                "section": mistake.section,
                "spellings": [[outcome(item) for item in items] for items in mistake.spellings],
            }
            for mistake in expectation.mistakes
        ],
        "digest": expectation.digest,
        "backend": expectation.backend,
    }


def save(path: Path, chapter: str, expectations: list[Expectation]) -> None:
    """Write a checks file.

    Args:
        path: where to.
        chapter: the chapter's stem, `NN_slug`.
        expectations: one for each exercise, in the chapter's order.
    """
    from safetensors.numpy import save_file

    table = ArrayTable()
    exercises = {item.name: encode_expectation(item, table) for item in expectations}
    content = {"layout": LAYOUT, "chapter": chapter, "exercises": exercises}
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    save_file(table.arrays or {"none": np.zeros(0)}, path, metadata={"checks": text})


@cache
def _load(path: Path, modified_ns: int) -> ChecksFile:
    from safetensors import SafetensorError, safe_open

    try:
        opened = safe_open(path, framework="numpy")
    except SafetensorError as error:
        raise DamagedError(f"{path.name} is damaged: {error}") from error
    with opened as file:
        content = json.loads((file.metadata() or {}).get("checks", "{}"))
        if content.get("layout") != LAYOUT:
            raise LayoutError(
                f"expected {path.name} of layout {LAYOUT}, got {content.get('layout', 'an older one')}: "
                "take it and dlarch from the same release"
            )
        arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a dict)
    return ChecksFile(content["chapter"], content["exercises"], ArrayTable(arrays))


def load(path: Path) -> ChecksFile:
    """Read a checks file; an unchanged file is read once.

    Raises:
        LayoutError: it was written by another version of the course.
        DamagedError: it cannot be read.
    """
    return _load(path, path.stat().st_mtime_ns)


def _replace_bounds(value: PlainData) -> PlainData:
    if isinstance(value, Bound):
        return {"__bound__": [value.low, value.high]}
    if isinstance(value, list | tuple):
        return type(value)(_replace_bounds(item) for item in value)
    if isinstance(value, dict):
        return {key: _replace_bounds(item) for key, item in value.items()}
    return value if isinstance(value, Foreign) else clone(value)


def _restore_bounds(value: PlainData) -> PlainData:
    if isinstance(value, dict) and value.keys() == {"__bound__"}:
        return Bound(*value["__bound__"])
    if isinstance(value, list | tuple):
        return type(value)(_restore_bounds(item) for item in value)
    if isinstance(value, dict):
        return {key: _restore_bounds(item) for key, item in value.items()}
    return value
