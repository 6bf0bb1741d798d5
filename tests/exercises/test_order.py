"""A chapter's exercises stand in one order: on the page and in the notebook."""

import pytest

from autograder.chapters import CHAPTERS, load_chapter
from autograder.completeness import BOX
from autograder.course import ROOT
from autograder.release import read_master


@pytest.mark.parametrize("stem", CHAPTERS)
def test_page_and_notebook_have_the_exercises_in_one_order(stem):
    exercises = load_chapter(stem).exercises
    page = (ROOT / "book" / f"{stem}.md").read_text(encoding="utf-8")
    on_page = [name.strip() for names, _ in BOX.findall(page) for name in names.split(",")]
    cells = read_master(ROOT / "solutions" / f"{stem}.py").cells
    in_notebook = [cell.id for cell in cells if cell.id in exercises]

    assert on_page == in_notebook
    assert sorted(in_notebook) == sorted(exercises)
