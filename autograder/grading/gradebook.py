"""What runs inside nbgrader's own Autograde, and GenerateFeedback, wired by autograder/course.py.

Nbgrader imports nothing of a submission but what the importer lets through, executes nothing, and takes
scores from verdicts; so `nbgrader autograde` and formgrader's button give what `autograder grade` gives.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from weakref import finalize

import nbformat
from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, HasTraits, Unicode

from autograder.course import ROOT, Course
from autograder.grading.assignment import Assignment
from autograder.grading.folders import find_strange_name, printable
from autograder.grading.lateness import read_moment
from autograder.grading.notes import WAITS, about
from autograder.grading.pages import look
from autograder.grading.pipeline import GradingRun, result_of
from autograder.grading.staging import BESIDE, stage
from autograder.grading.verdicts import VerdictStore
from autograder.grading.warm_processes import WarmProcesses
from dlarch.importer import Submission
from dlarch.report import Report
from dlarch.verdict import Verdict


class OfCourse(HasTraits):
    """What our parts of nbgrader are told by its configuration."""

    root = Unicode(str(ROOT), help="the course's folder").tag(config=True)
    classroom = Unicode(str(ROOT / "classroom"), help="the classroom's folder").tag(config=True)

    @property
    def course(self) -> Course:
        """The course that is graded."""
        return Course(Path(self.root), Path(self.classroom))


class Folders(CourseDirectory):
    """Nbgrader's folders; a timestamp that is none stops nobody."""

    def get_existing_timestamp(self, dest_path: str) -> datetime | None:
        """Give the time of a submission."""
        return read_moment(Path(dest_path)).time


class ImportingExporter(OfCourse, NotebookExporter):
    """Reads a submission through the importer: the master's notebook with the learner's answers."""

    def __init__(self, **settings: object) -> None:
        super().__init__(**settings)
        if isinstance(self.parent, Autograde) and not isinstance(self.parent.coursedir, Folders):
            self._stage()

    def _stage(self) -> None:
        """Have nbgrader read a folder in which there is nothing of learners' making."""
        place, folders = Path(mkdtemp()), self.parent.coursedir
        finalize(self, rmtree, place, ignore_errors=True)
        own = Folders(parent=self.parent, **folders.trait_values(config=True))
        own.submitted_directory = os.path.relpath(place, folders.root)
        staged = {}
        for found in self.parent.assignments:
            folder = Path(found).absolute()
            student, chapter = folder.parent.name, folder.name
            strange = find_strange_name(student)
            if strange:
                self.log.error("%s: %s", printable(student), strange)
                continue
            path = own.format_path(own.submitted_directory, student, chapter)
            staged[path] = [os.path.join(path, stage(folder, place).name)]
        self.parent.coursedir, self.parent.assignments = own, staged

    def from_filename(
        self, filename: str, resources: ResourcesDict | None = None, **options: object
    ) -> tuple[str, ResourcesDict]:
        """Convert a notebook; a submitted one is rebuilt first."""
        path = Path(filename)
        if path.resolve().is_relative_to((self.course.classroom / "autograded").resolve()):
            return super().from_filename(filename, resources=resources, **options)
        chapter, student = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        _drop_side_files(self.course.classroom / "autograded" / student / chapter)
        run = GradingRun(chapter, self.course)
        notebook = rebuilt(run.assignment, run.submission(run.path_of(student)))
        return self.from_notebook_node(notebook, resources=resources, **options)


class GradeSubmission(OfCourse, NbGraderPreprocessor):
    """Takes the place of execution: puts verdicts and displays into the cells they belong to."""

    isolated = Bool(True, help="whether learners' code runs in a sandbox").tag(config=True)
    run_all = Bool(False, help="run the cells too that only show something").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Look up, or else find, the result of this submission."""
        settings = resources["nbgrader"]
        run = GradingRun(settings["assignment"], self.course, self.isolated, self.run_all)
        result = result_of(run, run.path_of(settings["student"]), processes())
        verdicts = {
            verdict.id: verdict for verdict in granted(result.verdicts, run.assignment, run.store)
        }
        for cell in nb.cells:
            verdict = verdicts.get(_id(cell).removeprefix("test_"))
            if verdict is not None and is_grade(cell) and cell.cell_type == "code":
                cell.outputs = [_as_output(verdict)]
            elif cell.cell_type == "code":
                displays = result.displays.get(_id(cell) or cell.get("id", ""), [])
                cell.outputs = [nbformat.from_dict(output) for output in displays]
        resources["result"], resources["store"] = result, run.store
        resources["verdicts"] = verdicts
        return nb, resources


class SaveVerdicts(SaveAutoGrades):
    """Nbgrader's saving of scores, with those of check and test cells taken from verdicts.

    What a person settled stays settled while what was looked at is as it was.
    """

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Save the scores of one notebook, and note which result they are from."""
        result, store = resources["result"], resources["store"]
        student, chapter = resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]
        self.verdicts = resources["verdicts"]
        self.before = store.recorded(student).get("seen", {})
        self.seen = self._seen(nb)
        nb, resources = super().preprocess(nb, resources)
        moment = read_moment(store.course.submitted / student / chapter)
        store.record(student, result.key, moment.text, look(), self.seen)
        return nb, resources

    def _seen(self, nb: NotebookNode) -> dict[str, str]:
        """Digest, for each graded cell, what a person looks at who grades it."""
        code = [cell.source for cell in nb.cells if is_solution(cell) and cell.cell_type == "code"]
        seen = {}
        for cell in nb.cells:
            verdict = self.verdicts.get(_id(cell).removeprefix("test_"))
            if is_grade(cell) and is_solution(cell):
                seen[_id(cell)] = _digest(cell.source, cell.get("attachments"))
            elif is_grade(cell) and verdict is not None:
                seen[_id(cell)] = _digest(code, verdict.points)
        return seen

    def _add_score(self, cell: NotebookNode, resources: ResourcesDict) -> None:
        name = _id(cell)
        verdict = self.verdicts.get(name.removeprefix("test_"))
        grade = self.gradebook.find_grade(
            name, self.notebook_id, self.assignment_id, self.student_id
        )
        unchanged = name in self.seen and self.seen[name] == self.before.get(name)
        settled = grade.manual_score is not None and not grade.needs_manual_grade and unchanged
        if verdict is None or is_solution(cell):
            super()._add_score(cell, resources)
        else:
            grade.auto_score = verdict.points
            grade.needs_manual_grade = grade.manual_score is not None
        if settled:
            grade.needs_manual_grade = False
        self.gradebook.db.commit()


class CurrentGrades(GetGrades):
    """Nbgrader's reading of scores for feedback; what waits for a person says so in place of a score."""

    def _get_score(self, cell: NotebookNode, resources: ResourcesDict) -> None:
        super()._get_score(cell, resources)
        grade = self.gradebook.find_grade(
            _id(cell), self.notebook_id, self.assignment_id, self.student_id
        )
        if grade.needs_manual_grade:
            resources.setdefault("waiting", []).append(_id(cell))


def granted(
    verdicts: list[Verdict], assignment: Assignment, store: VerdictStore
) -> Iterator[Verdict]:
    """Give verdicts, with all points where an exercise's were given to everybody."""
    free = {cell.check for cell in assignment.of("check") if cell.exercise in store.granted}
    for verdict in verdicts:
        if verdict.id in free and verdict.points < verdict.max_points:
            words = f"Everybody was given the points of this exercise. {verdict.message}"
            yield replace(verdict, points=verdict.max_points, message=words)
        else:
            yield verdict


def rebuilt(assignment: Assignment, submission: Submission) -> NotebookNode:
    """Give the master's notebook with a learner's answers in it."""
    notebook = nbformat.from_dict(assignment.notebook)
    for cell in notebook.cells:
        cell.source = submission.answers.get(_id(cell), cell.source)
        if _id(cell) in submission.pictures:
            cell.attachments = nbformat.from_dict(submission.pictures[_id(cell)])
        if submission.failure and is_solution(cell) and is_grade(cell):
            cell.source = WAITS
    notebook.cells[:0] = about(submission)
    return notebook


@cache
def processes() -> WarmProcesses:
    """Give this process's warm parents."""
    return WarmProcesses()


def _id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _as_output(verdict: Verdict) -> NotebookNode:
    data = Report(verdict)._repr_mimebundle_()
    return nbformat.v4.new_output("display_data", data=data)


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _drop_side_files(folder: Path) -> None:
    """Remove what nbgrader copied along from the master, and keep the exchange's own two files."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            path.rmdir()
        elif path.name not in BESIDE:
            path.unlink()
