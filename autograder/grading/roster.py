"""Who is in the class: classroom/roster.csv, which need not be there; else whom the gradebook knows.

A line a learner, with the headings id, first_name, last_name, email, lms_user_id, of which id is needed.
"""

import csv
import difflib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Course
from autograder.grading.folders import printable

if TYPE_CHECKING:
    from nbgrader.api import Gradebook


class RosterError(ValueError):
    """A roster that cannot be read, or a learner that is not known."""


@dataclass(frozen=True)
class Person:
    """A line of the roster."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    """What the learning platform calls the learner."""


def read_roster(course: Course) -> dict[str, Person] | None:
    """Read a classroom's roster; None where there is none.

    Raises:
        RosterError: it is no table with a column `id`, or an id stands in it twice.
    """
    path = course.classroom / "roster.csv"
    if not path.exists():
        return None
    return read_people(path)


def read_people(path: Path) -> dict[str, Person]:
    """Read people from a CSV file, by their ids.

    Raises:
        RosterError: it is no table with a column `id`, or an id stands in it twice.
    """
    known = [item.name for item in fields(Person)]
    people: dict[str, Person] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as error:
        raise RosterError(f"{path}: {error}") from error
    for number, line in enumerate(lines, start=2):
        person = Person(**{name: (line.get(name) or "").strip() for name in known})
        if not person.id or person.id in people:
            raise RosterError(
                f"{path}, line {number}: expected an id of its own in the column `id`, got {person.id!r}"
            )
        people[person.id] = person
    return people


def enrol(course: Course, gradebook: "Gradebook") -> None:
    """Bring the roster's names into the gradebook."""
    for person in (read_roster(course) or {}).values():
        given = {name: value for name, value in vars(person).items() if name != "id" and value}
        gradebook.update_or_create_student(person.id, **given)


def expected_learners(course: Course, gradebook: "Gradebook") -> set[str]:
    """List who should hand in: the roster, else whom the gradebook knows."""
    roster = read_roster(course)
    return set(roster) if roster is not None else {student.id for student in gradebook.students}


def suggestion(name: str, known: Iterable[str]) -> str:
    """Name what may have been meant; a folder's name may hold anything."""
    near = difflib.get_close_matches(name, list(known), n=1)
    name = printable(name)
    return f"{name} (did you mean {near[0]}?)" if near else name
