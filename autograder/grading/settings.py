"""The instructor's settings: classroom/settings.toml, which need not be there.

gradebook = "postgresql://user:password@host/course"
errors_carried_forward = false   # a slip then costs what builds on it too

[limits]
call_s = 60
memory_mib = 4096

[late]
per_day = 10     # per cent of the score, for each day begun
most = 50        # per cent at most
grace_days = 1   # days that cost nothing

[extensions]
alice = 3                              # days, for every chapter
bob = { 04_backpropagation = 7 }       # or chapter by chapter
"""

import math
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path

from autograder.chapters import CHAPTERS
from autograder.grading.limits import Limits


class SettingsError(ValueError):
    """A settings file that cannot be understood."""


@dataclass(frozen=True)
class Late:
    """What lateness costs."""

    per_day: float = 0.0
    """Per cent of the score for each day that was begun."""
    most: float = 100.0
    """Per cent of the score at most."""
    grace_days: float = 0.0
    """Days that cost nothing."""


Extensions = dict[str, float | dict[str, float]]
"""Days by learner, for every chapter or chapter by chapter."""


@dataclass(frozen=True)
class Settings:
    """What an instructor may set for a classroom."""

    gradebook: str = ""
    """The gradebook's database address; empty for gradebook.db in the classroom."""
    limits: Limits = field(default_factory=Limits)
    errors_carried_forward: bool = True
    """Whether what builds on a function that fails is judged given that function right."""
    late: Late | None = None
    """None leaves penalties to nbgrader's own plug-in."""
    extensions: Extensions | None = None
    """None leaves extensions to the gradebook."""


def read_settings(classroom: Path) -> Settings:
    """Read a classroom's settings.

    Raises:
        SettingsError: the file is not TOML, or sets what there is not.
    """
    path = classroom / "settings.toml"
    if not path.exists():
        return Settings()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from error
    limits = _numbers(path, "limits", Limits, content.pop("limits", {}))
    late = content.pop("late", None)
    extensions = content.pop("extensions", None)
    gradebook = content.pop("gradebook", "")
    carried = content.pop("errors_carried_forward", True)
    if content or not isinstance(gradebook, str) or not isinstance(carried, bool):
        raise SettingsError(
            f"{path}: expected `gradebook` (text), `errors_carried_forward` (true or false), [limits], "
            f"[late] and [extensions], got {sorted(content) or [gradebook, carried]}"
        )
    return Settings(
        gradebook,
        Limits(**limits),
        carried,
        None if late is None else Late(**_numbers(path, "late", Late, late, zero=True)),
        None if extensions is None else _extensions(path, extensions),
    )


def _numbers(path: Path, table: str, kind: type, values: object, zero: bool = False) -> dict:
    """Read a table of numbers, each for a field of a class.

    Raises:
        SettingsError: it is none, or has what the class has not.
    """
    known = {item.name: type(item.default) for item in fields(kind)}
    if not isinstance(values, dict):
        raise SettingsError(f"{path}: expected a table [{table}], got {values!r}")
    for name, value in values.items():
        if name not in known:
            raise SettingsError(
                f"{path}: expected one of {', '.join(known)} in [{table}], got {name}"
            )
        if not _is_number(value) or value < 0 or (value == 0 and not zero):
            raise SettingsError(f"{path}: expected a positive number for {name}, got {value!r}")
    return {name: known[name](value) for name, value in values.items()}


def _extensions(path: Path, given: object) -> Extensions:
    if not isinstance(given, dict):
        raise SettingsError(f"{path}: expected a table [extensions] of days, got {given!r}")
    for learner, days in given.items():
        by_chapter = days if isinstance(days, dict) else {"": days}
        if not all(_is_number(value) and value >= 0 for value in by_chapter.values()):
            raise SettingsError(
                f"{path}: expected days, or a table of days by chapter, for {learner}, got {days!r}"
            )
        unknown = by_chapter.keys() - {"", *CHAPTERS}
        if unknown:
            raise SettingsError(
                f"{path}: expected chapters such as {CHAPTERS[0]} for {learner}, got {sorted(unknown)}"
            )
    return given


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
