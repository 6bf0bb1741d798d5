"""What runs inside nbgrader's own Autograde, and GenerateFeedback, wired by autograder/course.py.

Nbgrader executes nothing, and takes scores from verdicts; so `nbgrader autograde` and formgrader's button
give what `autograder grade` gives.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool

from autograder.grading.assignment import Assignment
from autograder.grading.lateness import read_moment
from autograder.grading.pages import look
from autograder.grading.pipeline import result_of, run_of
from autograder.grading.rebuilding import OfCourse, grade_id
from autograder.grading.verdicts import VerdictStore
from autograder.grading.warm_processes import WarmProcesses
from dlarch.report import Report
from dlarch.verdict import Verdict


class GradeSubmission(OfCourse, NbGraderPreprocessor):
    """Takes the place of execution: puts verdicts and displays into the cells they belong to."""

    isolated = Bool(True, help="whether learners' code runs in a sandbox").tag(config=True)
    run_all = Bool(False, help="run the cells too that only show something").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Look up, or else find, the result of this submission."""
        settings = resources["nbgrader"]
        run = run_of(settings["assignment"], self.course, self.isolated, self.run_all)
        result = result_of(run, run.path_of(settings["student"]), processes())
        verdicts = {
            verdict.id: verdict for verdict in granted(result.verdicts, run.assignment, run.store)
        }
        for cell in nb.cells:
            verdict = verdicts.get(grade_id(cell).removeprefix("test_"))
            if verdict is not None and is_grade(cell) and cell.cell_type == "code":
                cell.outputs = [_as_output(verdict)]
            elif cell.cell_type == "code":
                displays = result.displays.get(grade_id(cell) or cell.get("id", ""), [])
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
            verdict = self.verdicts.get(grade_id(cell).removeprefix("test_"))
            if is_grade(cell) and is_solution(cell):
                seen[grade_id(cell)] = _digest(cell.source, cell.get("attachments"))
            elif is_grade(cell) and verdict is not None:
                seen[grade_id(cell)] = _digest(code, verdict.points)
        return seen

    def _add_score(self, cell: NotebookNode, resources: ResourcesDict) -> None:
        name = grade_id(cell)
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
            grade_id(cell), self.notebook_id, self.assignment_id, self.student_id
        )
        if grade.needs_manual_grade:
            resources.setdefault("waiting", []).append(grade_id(cell))


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


@cache
def processes() -> WarmProcesses:
    """Give this process's warm parents."""
    return WarmProcesses()


def _as_output(verdict: Verdict) -> NotebookNode:
    data = Report(verdict)._repr_mimebundle_()
    return nbformat.v4.new_output("display_data", data=data)


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
