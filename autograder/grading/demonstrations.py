"""Cells that only show something are not run in grading."""

import secrets

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute, NbGraderPreprocessor

from autograder.course import Course

TAG = "demonstration"


class SkipDemonstrations(NbGraderPreprocessor):
    """Skip the cells that the master tags `demonstration` and the learner left as they were.

    The tag that makes nbclient skip a cell is drawn anew for each run, so no submission can hold it.
    """

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Tag the cells to skip and tell the executing preprocessor."""
        stem = resources["nbgrader"]["assignment"]
        released = Course.here().notebooks / stem / f"{stem}.ipynb"
        if not released.exists():
            return nb, resources
        shown = {
            cell.id: cell.source
            for cell in nbformat.read(released, as_version=4).cells
            if TAG in cell.metadata.get("tags", [])
        }
        for cell in nb.cells:
            cell.metadata.pop("tags", None)
            if "id" in cell and shown.get(cell.id) == cell.source:
                cell.metadata["tags"] = [SKIP]
        return nb, resources


class ExecuteAnswers(Execute):
    """Nbgrader's execution, with the cells of SkipDemonstrations left out."""

    def __init__(self, **settings: object) -> None:
        super().__init__(**settings)
        self.skip_cells_with_tag = SKIP


SKIP = f"skip-{secrets.token_hex(16)}"
