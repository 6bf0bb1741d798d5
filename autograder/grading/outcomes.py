"""What a learner's process claims to be an outcome, read as data to be doubted.

The process only records; what follows from a record is derived here. Names and texts that a learner can
choose, and that a message may show, are taken over where they are ordinary, short and of a small alphabet:
they could carry secret inputs out.
"""

import builtins
import re
from collections.abc import Iterable

from dlarch import drivers
from dlarch.checks_file import Expectation
from dlarch.drivers import Outcome
from dlarch.plain import Foreign, PlainData

MAX_DETAIL = 120
MAX_KEY = 40
OWN_ERROR = "an error of its own"
OWN_TYPE = "an object that is no plain data"

_ERRORS = {
    name for name, item in vars(builtins).items()
    if isinstance(item, type) and issubclass(item, BaseException)
} | {"LinAlgError", "AxisError", "OutOfMemoryError", drivers.UNREADABLE}  # fmt: skip
_TYPES = {name for name, item in vars(builtins).items() if isinstance(item, type)} | {
    "function", "generator", "method", "module", "NoneType", "Value", "Fraction", "Decimal", "Parameter"
}  # fmt: skip
_STRANGE = re.compile(r"[^A-Za-z0-9 .,:;()\[\]'\"=+*/<>_-]+")
_LONG_NUMBER = re.compile(r"\d+\.\d+(e[+-]?\d+)?|\d{5,}")
_PLACE = re.compile(r" \(line \d{1,5}(?: of (\w{1,64}))?: (.*)\)")


def read_outcome(
    answer: dict[str, PlainData],
    expectation: Expectation,
    arguments: dict[str, PlainData],
    sources: Iterable[str],
) -> Outcome:
    """Read the answer of a learner's process and derive what follows from it.

    Args:
        answer: the frame's content.
        expectation: of the exercise.
        arguments: of the case.
        sources: the learner's cells; a line is shown only when one of them has it.
    """
    modified = answer.get("modified")
    error = answer.get("error")
    recorded = Outcome(
        value=_plain(answer.get("value")),
        error=None if error is None else _error(error),
        detail=_detail(answer.get("detail"), expectation),
        place=_place(answer.get("place"), sources),
        modified=tuple(
            name for name in (modified if isinstance(modified, list) else [])
            if isinstance(name, str) and name in arguments
        ),
    )  # fmt: skip
    return drivers.derive(expectation.driver, recorded, arguments)


def _plain(value: PlainData) -> PlainData:
    """Give a record with ordinary names and texts alone."""
    if isinstance(value, list | tuple):
        return type(value)(_plain(item) for item in value)
    if isinstance(value, dict):
        return {_STRANGE.sub("?", key)[:MAX_KEY]: _plain(item) for key, item in value.items()}
    if isinstance(value, Foreign):
        return Foreign(value.type_name if value.type_name in _TYPES else OWN_TYPE)
    return plain_text(value) if isinstance(value, str) else value


def _error(name: PlainData) -> str:
    return name if isinstance(name, str) and name in _ERRORS else OWN_ERROR


def plain_text(text: PlainData) -> str:
    """Give a learner's text short, of a small alphabet, without long numbers."""
    if not isinstance(text, str):
        return ""
    return _LONG_NUMBER.sub("#", _STRANGE.sub("?", text[: 2 * MAX_DETAIL]))[:MAX_DETAIL]


def _detail(detail: PlainData, expectation: Expectation) -> str:
    """Keep a message that a mistake has too, since it tells the mistake; else the plain text of it."""
    known = {
        outcome.detail
        for mistake in expectation.mistakes
        for spelling in mistake.spellings
        for outcome in spelling
    }
    return detail if isinstance(detail, str) and detail in known else plain_text(detail)


def _place(place: PlainData, sources: Iterable[str]) -> str:
    """Keep a place when its line, and the function it is in, stand in the learner's own source."""
    found = _PLACE.fullmatch(place) if isinstance(place, str) else None
    if found is None:
        return ""
    lines = {line.strip() for source in sources for line in source.splitlines()}
    own = found[1] is None or any(line.startswith(f"def {found[1]}(") for line in lines)
    return place if own and found[2] in lines else ""
