"""The instructor's settings: classroom/settings.toml, which need not be there.

gradebook = "postgresql://user:password@host/course"

[limits]
call_s = 60
memory_mib = 4096
"""

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path

from autograder.grading.limits import Limits


class SettingsError(ValueError):
    """A settings file that cannot be understood."""


@dataclass(frozen=True)
class Settings:
    """What an instructor may set for a classroom."""

    gradebook: str = ""
    """The gradebook's database address; empty for gradebook.db in the classroom."""
    limits: Limits = field(default_factory=Limits)


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
    limits = content.pop("limits", {})
    known = {item.name: type(item.default) for item in fields(Limits)}
    for name, value in limits.items():
        if name not in known:
            raise SettingsError(
                f"{path}: expected one of {', '.join(known)} in [limits], got {name}"
            )
        if type(value) not in (int, float) or value <= 0:
            raise SettingsError(f"{path}: expected a positive number for {name}, got {value!r}")
    gradebook = content.pop("gradebook", "")
    if content or not isinstance(gradebook, str):
        raise SettingsError(
            f"{path}: expected `gradebook` (text) and [limits], got {sorted(content)}"
        )
    return Settings(gradebook, Limits(**{name: known[name](v) for name, v in limits.items()}))
