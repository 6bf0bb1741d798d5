"""What nbgrader reads in the place of a submission: the master's notebook with the learner's answers in it.

It is wired into nbgrader's own Autograde by autograder/course.py. Nbgrader imports nothing of a submission
but what the importer lets through.
"""

import os
from datetime import datetime
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
from nbgrader.utils import is_grade, is_solution
from traitlets import HasTraits, Unicode

from autograder.course import ROOT, Course
from autograder.grading.assignment import Assignment
from autograder.grading.folders import find_strange_name, printable
from autograder.grading.lateness import read_moment
from autograder.grading.notes import WAITS, about
from autograder.grading.pipeline import run_of
from autograder.grading.staging import BESIDE, stage
from dlarch.importer import Submission


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
        run = run_of(chapter, self.course)
        notebook = rebuilt(run.assignment, run.submission(run.path_of(student)))
        return self.from_notebook_node(notebook, resources=resources, **options)


def rebuilt(assignment: Assignment, submission: Submission) -> NotebookNode:
    """Give the master's notebook with a learner's answers in it."""
    notebook = nbformat.from_dict(assignment.notebook)
    for cell in notebook.cells:
        cell.source = submission.answers.get(grade_id(cell), cell.source)
        if grade_id(cell) in submission.pictures:
            cell.attachments = nbformat.from_dict(submission.pictures[grade_id(cell)])
        if submission.failure and is_solution(cell) and is_grade(cell):
            cell.source = WAITS
    notebook.cells[:0] = about(submission)
    return notebook


def grade_id(cell: NotebookNode) -> str:
    """Give nbgrader's id of a cell; empty where it has none."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _drop_side_files(folder: Path) -> None:
    """Remove what nbgrader copied along from the master, and keep the exchange's own two files."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            path.rmdir()
        elif path.name not in BESIDE:
            path.unlink()
