"""What a written task asks for stands on no page: neither its numbers nor the formulas to be corrected."""

import re
from itertools import pairwise
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
TELLING = 3
"""Significant digits from which a number is found by computing, not by chance."""


def printed(stem: str) -> str:
    """Give what a learner has read by then: the chapter's page, and the errata."""
    return "\n".join(
        (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8") for name in (stem, "errata")
    )


def written_tasks():
    """Give each written task: chapter, question, model answer."""
    for master in sorted((ROOT / "solutions").glob("*.py")):
        cells = jupytext.read(master, fmt="py:percent").cells
        for before, cell in pairwise(cells):
            settings = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "markdown" and settings.get("grade"):
                name = f"{master.stem} {settings['grade_id']}"
                yield pytest.param(master.stem, before.source, cell.source, id=name)


def telling_numbers(text: str) -> set[str]:
    """Find the numbers of at least three significant digits, without separators."""
    plain = text.replace("{,}", "").replace(",", "")
    found = {number.strip(".") for number in NUMBER.findall(plain)}
    return {number for number in found if len(number.replace(".", "").strip("0")) >= TELLING}


@pytest.mark.parametrize(("stem", "question", "answer"), written_tasks())
def test_the_numbers_of_an_answer_stand_on_no_page(stem, question, answer):
    wanted = telling_numbers(answer.split("Marking", 1)[0]) - telling_numbers(question)

    assert wanted & telling_numbers(printed(stem)) == set()


@pytest.mark.parametrize(("stem", "question", "answer"), written_tasks())
def test_a_formula_to_be_corrected_stands_on_no_page(stem, question, answer):
    formulas = re.findall(r"\$\$(.+?)\$\$", question, re.DOTALL)
    text = re.sub(r"\s|\\[,;!]", "", printed(stem))

    assert [f for f in formulas if re.sub(r"\s|\\[,;!]", "", f).strip(",.") in text] == []


@pytest.mark.parametrize(("stem", "question", "answer"), written_tasks())
def test_a_marking_scheme_stands_at_the_end_of_the_model_answer(stem, question, answer):
    assert re.search(r"^Marking: .*(?:point|½|1)", answer, re.MULTILINE)
