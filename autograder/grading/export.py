"""Grades as the CSV files that Moodle and Canvas import, through nbgrader's export plug-ins.

    nbgrader export --exporter=autograder.grading.export.MoodleExportPlugin --to=moodle.csv
    nbgrader export --exporter=autograder.grading.export.CanvasExportPlugin --to=canvas.csv

A score is nbgrader's own: manual scores and extra credit in it, the late penalty off it, never below 0.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from sqlalchemy.orm import joinedload, undefer
from traitlets import Dict, Enum, List, Unicode

from autograder.grading.verdicts import write_whole

FORMULA_STARTS = tuple("=+-@＝＋－＠")
"""How spreadsheet programs know a formula (OWASP, "CSV Injection")."""

Scores = dict[str, float]
"""What learners have for one assignment, by their ids."""


class GradesExportPlugin(ExportPlugin):
    """What both exports share: who and what is exported, and how a file is written."""

    default_name = ""
    learners = List(help="ids that are exported; all when empty").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the grades to the file `to`.

        Args:
            gradebook: nbgrader's gradebook.
        """
        assignments = [
            item for item in gradebook.assignments
            if not self.assignment or item.name in map(str, self.assignment)
        ]  # fmt: skip
        students = sorted(
            (
                item for item in gradebook.students
                if (not self.student or item.id in map(str, self.student))
                and (not self.learners or item.id in self.learners)
            ),
            key=lambda student: student.id,
        )  # fmt: skip
        scores = []
        for assignment in assignments:
            submissions = submissions_of(gradebook, assignment)
            scores.append({item.student_id: final_score(item) for item in submissions})
            waiting = sum(bool(item.needs_manual_grade) for item in submissions)
            if waiting:
                self.log.warning(
                    "%s: %d submissions wait for a manual grade, their scores are not final",
                    assignment.name,
                    waiting,
                )
        file = io.StringIO()
        csv.writer(file).writerows(self.rows(assignments, students, scores))
        path = Path(self.to or self.default_name)
        self.log.info("Exporting grades to %s", path)
        write_whole(path, file.getvalue().encode(), mode=0o600)

    def rows(
        self, assignments: list[Assignment], students: list[Student], scores: list[Scores]
    ) -> Iterator[list[str]]:
        """Give the lines of the file.

        Args:
            assignments: one for each column of grades.
            students: one for each line.
            scores: of each assignment.
        """
        raise NotImplementedError


class MoodleExportPlugin(GradesExportPlugin):
    """A CSV file for Moodle's "Import > CSV file" in the gradebook.

    Format: UTF-8, commas, a heading line, a learner a line.
    Whoever imports says which column identifies the learner and which grade item a column belongs to.
    "Username" holds nbgrader's id of the learner; "ID number" (nbgrader's lms_user_id) and "Email address"
    are there when all learners have one, because Moodle takes a line with a blank one for the line before's.
    "-" stands for no grade, as in Moodle's own exports. There is no feedback: it would overwrite Moodle's.
    Moodle refuses grades over 100 unless its setting "unlimited grades" is on.

    Sources: Moodle documentation, "Grade import" (docs.moodle.org/en/Grade_import);
    Moodle's grade/import/csv/classes/load_data.php.
    """

    default_name = "moodle.csv"

    def rows(
        self, assignments: list[Assignment], students: list[Student], scores: list[Scores]
    ) -> Iterator[list[str]]:
        """Give the lines of the file: the heading, the learners."""
        columns = {"Username": [student.id for student in students]}
        others = {
            "ID number": [student.lms_user_id for student in students],
            "Email address": [student.email for student in students],
        }
        for heading, values in others.items():
            if _identifies(values):
                columns[heading] = values
        columns["First name"] = [student.first_name for student in students]
        columns["Last name"] = [student.last_name for student in students]
        yield [*columns, *(_text(assignment.name) for assignment in assignments)]
        for student, *texts in zip(students, *columns.values(), strict=True):
            grades = [_number(found.get(student.id), "-") for found in scores]
            yield [*map(_text, texts), *grades]


class CanvasExportPlugin(GradesExportPlugin):
    """A CSV file for "Import" in Canvas's gradebook.

    Format: UTF-8, commas, a heading line, the line "Points Possible", a learner a line.
    The columns are Student, ID, SIS User ID, SIS Login ID, Section, and one for each assignment.
    Canvas looks for a learner by these, in this order: ID, SIS User ID, SIS Login ID, name.
    "ID" is Canvas's own number, nbgrader's lms_user_id; what nbgrader's id is, `identifier` says.
    An assignment's column is named as in Canvas's own export, `Name (id)`: `columns` says how; a name
    without an id is looked for among the titles, and is a new assignment where there is none.
    A learner without a submission has a blank.

    Sources: Canvas Instructor Guide, "How do I import grades in the Gradebook?";
    Canvas's lib/gradebook_importer.rb and lib/gradebook_exporter.rb.
    """

    default_name = "canvas.csv"
    columns = Dict(
        value_trait=Unicode(), help="assignment → its column's heading in Canvas: `Name (id)`"
    ).tag(config=True)
    identifier = Enum(
        ("SIS Login ID", "SIS User ID", "ID"),
        "SIS Login ID",
        help="the column of Canvas that nbgrader's id of a learner belongs to",
    ).tag(config=True)

    def rows(
        self, assignments: list[Assignment], students: list[Student], scores: list[Scores]
    ) -> Iterator[list[str]]:
        """Give the lines of the file: the heading, what can be reached, the learners."""
        known = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
        headings = [self.columns.get(item.name, item.name) for item in assignments]
        yield [*known, *map(_text, headings)]
        most = [_number(item.max_score) for item in assignments]
        yield ["    Points Possible", "", "", "", "", *most]
        for student in students:
            columns = dict.fromkeys(known, "")
            columns["Student"] = _sortable_name(student)
            columns["ID"] = student.lms_user_id or ""
            columns[self.identifier] = student.id
            grades = [_number(found.get(student.id)) for found in scores]
            yield [*map(_text, columns.values()), *grades]


class TotalsExportPlugin(GradesExportPlugin):
    """A CSV file for reading: each learner's scores, their sum, and how many chapters are handed in."""

    default_name = "totals.csv"

    def rows(
        self, assignments: list[Assignment], students: list[Student], scores: list[Scores]
    ) -> Iterator[list[str]]:
        """Give the lines of the file: the heading, what can be reached, the learners."""
        names = [_text(item.name) for item in assignments]
        yield ["learner", "name", *names, "total", "handed in"]
        most = [item.max_score for item in assignments]
        yield ["", "points possible", *map(_number, most), _number(sum(most)), str(len(most))]
        for student in students:
            reached = [found.get(student.id) for found in scores]
            there = [score for score in reached if score is not None]
            name = " ".join(filter(None, (student.first_name, student.last_name)))
            yield [
                _text(student.id),
                _text(name),
                *map(_number, reached),
                _number(sum(there)),
                str(len(there)),
            ]


def submissions_of(gradebook: Gradebook, assignment: Assignment) -> list[SubmittedAssignment]:
    """List an assignment's submissions, in the order of the learners' ids, in one query."""
    return (
        gradebook.db.query(SubmittedAssignment)
        .filter(SubmittedAssignment.assignment_id == assignment.id)
        .options(
            undefer(SubmittedAssignment.score),
            undefer(SubmittedAssignment.needs_manual_grade),
            undefer(SubmittedAssignment.late_submission_penalty),
            joinedload(SubmittedAssignment.student),
        )
        .order_by(SubmittedAssignment.student_id)
        .all()
    )


def final_score(submission: SubmittedAssignment) -> float:
    """Give a submission's score less its late penalty, and 0 at least, as nbgrader's own export does."""
    return max(0.0, submission.score - submission.late_submission_penalty)


def _identifies(values: list[str | None]) -> bool:
    """Say whether a column tells all learners apart; "0" is a blank to Moodle."""
    return all(value not in (None, "", "0") for value in values) and len(set(values)) == len(values)


def _sortable_name(student: Student) -> str:
    """Give `Last, First`; nothing when Canvas would take it for the line of the points."""
    name = ", ".join(filter(None, (student.last_name, student.first_name))) or student.id
    return "" if "Points Possible" in name else name


def _text(value: str | None) -> str:
    """Give a cell of text: on one line, and no formula to a spreadsheet program."""
    text = " ".join((value or "").split())
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _number(value: float | None, none: str = "") -> str:
    return none if value is None else f"{value:.2f}"
