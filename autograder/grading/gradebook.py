"""What runs inside nbgrader's own Autograde, wired by autograder/course.py.

Nbgrader imports nothing of a submission but what the importer lets through, executes nothing, and takes
scores from verdicts; so `nbgrader autograde` and formgrader's button give what `autograder grade` gives.
"""

import re
from datetime import datetime
from functools import cache
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import is_grade, is_solution, parse_utc
from traitlets import Bool, HasTraits, Unicode

from autograder.course import ROOT, Course
from autograder.grading.assignment import Assignment
from autograder.grading.checker import Workshop
from autograder.grading.importer import Submission
from autograder.grading.notes import WAITS, about
from autograder.grading.pipeline import Run, result_of
from dlarch.report import Report
from dlarch.verdict import Verdict

MAX_TIMESTAMP = 100


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
        return read_timestamp(Path(dest_path))


class ImportingExporter(OfCourse, NotebookExporter):
    """Reads a submission through the importer: the master's notebook with the learner's answers."""

    def from_filename(
        self, filename: str, resources: ResourcesDict | None = None, **options: object
    ) -> tuple[str, ResourcesDict]:
        """Convert a notebook; a submitted one is rebuilt first."""
        path = Path(filename)
        if path.resolve().is_relative_to((self.course.classroom / "autograded").resolve()):
            return super().from_filename(filename, resources=resources, **options)
        chapter, student = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        _drop_side_files(self.course.classroom / "autograded" / student / chapter)
        run = Run(chapter, self.course)
        notebook = rebuilt(run.assignment, run.submission(run.path_of(student)))
        return self.from_notebook_node(notebook, resources=resources, **options)


class Replay(OfCourse, NbGraderPreprocessor):
    """Takes the place of execution: puts verdicts and displays into the cells they belong to."""

    isolated = Bool(True, help="whether learners' code runs in a sandbox").tag(config=True)
    run_all = Bool(False, help="run the cells too that only show something").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Look up, or else find, the result of this submission."""
        settings = resources["nbgrader"]
        run = Run(settings["assignment"], self.course, self.isolated, self.run_all)
        result = result_of(run, run.path_of(settings["student"]), workshop())
        verdicts = {verdict.id: verdict for verdict in result.verdicts}
        for cell in nb.cells:
            verdict = verdicts.get(_id(cell).removeprefix("test_"))
            if verdict is not None and is_grade(cell) and cell.cell_type == "code":
                cell.outputs = [_shown(verdict)]
            elif cell.cell_type == "code":
                shown = result.displays.get(_id(cell) or cell.get("id", ""), [])
                cell.outputs = [nbformat.from_dict(output) for output in shown]
        resources["verdicts"] = verdicts
        return nb, resources


class SaveVerdicts(SaveAutoGrades):
    """Nbgrader's saving of scores, with those of check and test cells taken from verdicts."""

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Save the scores of one notebook."""
        self.verdicts: dict[str, Verdict] = resources["verdicts"]
        return super().preprocess(nb, resources)

    def _add_score(self, cell: NotebookNode, resources: ResourcesDict) -> None:
        verdict = self.verdicts.get(_id(cell).removeprefix("test_"))
        if verdict is None or is_solution(cell):
            super()._add_score(cell, resources)
            return
        grade = self.gradebook.find_grade(
            _id(cell), self.notebook_id, self.assignment_id, self.student_id
        )
        grade.auto_score = verdict.points
        grade.needs_manual_grade = grade.manual_score is not None
        self.gradebook.db.commit()


def _without_gaps(source: str) -> str:
    """Shorten long runs of white space: what colours code and reads Markdown takes the square of them."""
    return re.sub(r"\s{200,}", lambda gap: gap[0][:200], source)


def rebuilt(assignment: Assignment, submission: Submission) -> NotebookNode:
    """Give the master's notebook with a learner's answers in it."""
    notebook = nbformat.from_dict(assignment.notebook)
    for cell in notebook.cells:
        cell.source = _without_gaps(submission.answers.get(_id(cell), cell.source))
        if _id(cell) in submission.pictures:
            cell.attachments = nbformat.from_dict(submission.pictures[_id(cell)])
        if submission.failure and is_solution(cell) and is_grade(cell):
            cell.source = WAITS
    notebook.cells[:0] = about(submission)
    return notebook


@cache
def workshop() -> Workshop:
    """Give this process's warm parents."""
    return Workshop()


def _id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _shown(verdict: Verdict) -> NotebookNode:
    data = Report(verdict)._repr_mimebundle_()
    return nbformat.v4.new_output("display_data", data=data)


def read_timestamp(folder: Path) -> datetime | None:
    """Give the time of a submission, or None when nothing there can be read as one."""
    path = folder / "timestamp.txt"
    try:
        if path.is_symlink() or path.stat().st_size > MAX_TIMESTAMP:
            return None
        return parse_utc(path.read_text().strip())
    except (OSError, ValueError, OverflowError):
        return None


def _drop_side_files(folder: Path) -> None:
    """Remove what nbgrader copied along with a submission; a timestamp stays when it is one."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
            continue
        if path != folder / "timestamp.txt" or read_timestamp(folder) is None:
            path.unlink()
