"""The questions of the pages: numbers, misconceptions, where they point, what a slip says."""

import re
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from autograder.chapters import CHAPTERS, load_chapter

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "website"))
from course_site.quiz import QuestionError, read_questions  # noqa: E402 (website/ is no package)

BLOCK = re.compile(r"^:::\{(recall|selfcheck)\}\n(.*?)^:::$", re.MULTILINE | re.DOTALL)
TEXT = {stem: (ROOT / "book" / f"{stem}.md").read_text() for stem in CHAPTERS}
LABELS = {
    label: stem for stem, text in TEXT.items() for label in re.findall(r"^\((\S+)\)=$", text, re.M)
}
QUESTIONS = [
    pytest.param(stem, kind, question, id=f"{stem}-{kind}-{number}")
    for stem, text in TEXT.items()
    for kind, content in BLOCK.findall(text)
    for number, question in enumerate(read_questions(content), 1)
]


NUMBERS = [item for item in QUESTIONS if item.values[2]["kind"] == "number"]


@pytest.mark.parametrize(("stem", "kind", "question"), NUMBERS)
def test_numbers_are_what_their_computation_gives_and_slips_differ(stem, kind, question):
    answers = [(question["number"], question["compute"])]
    answers += [(slip["value"], slip["compute"]) for slip in question.get("slips", [])]
    for value, compute in answers:
        assert eval(compute, {"np": np}) == pytest.approx(value, rel=2e-3), compute
    values = sorted(value for value, _ in answers)
    for low, high in pairwise(values):
        assert high - low > 0.012 * max(abs(low), abs(high)), "a reader's rounding hits both"


@pytest.mark.parametrize(("stem", "kind", "question"), QUESTIONS)
def test_a_misconception_is_one_of_the_bank(stem, kind, question):
    options = [*question.get("choices", []), *question.get("slips", [])]
    for name in (option["mistake"] for option in options if "mistake" in option):
        exercise, mistake = name.split("/")
        found = [
            chapter.exercises[exercise]
            for chapter in map(load_chapter, CHAPTERS)
            if exercise in chapter.exercises
        ]
        assert found, f"no exercise {exercise}"
        assert mistake in {known.id for known in found[0].mistakes}, name


@pytest.mark.parametrize(("stem", "kind", "question"), QUESTIONS)
def test_a_question_points_to_where_its_answer_stands(stem, kind, question):
    assert question["from"] in LABELS, f"no section has the label {question['from']!r}"
    there = CHAPTERS.index(LABELS[question["from"]])
    here = CHAPTERS.index(stem)
    assert there < here if kind == "recall" else there <= here


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_page_asks_about_earlier_chapters_at_its_start_and_mixes_them_in_at_its_end(stem):
    asked = {kind: read_questions(content) for kind, content in BLOCK.findall(TEXT[stem])}
    assert len(asked["selfcheck"]) >= 5
    if stem != CHAPTERS[0]:
        assert len(asked["recall"]) >= 3
        assert any(LABELS[question["from"]] != stem for question in asked["selfcheck"])


@pytest.mark.parametrize("stem", CHAPTERS)
def test_the_questions_of_a_recall_come_from_different_sections(stem):
    for kind, content in BLOCK.findall(TEXT[stem]):
        sources = [question["from"] for question in read_questions(content)]
        if kind == "recall":
            assert len(set(sources)) == len(sources)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- ask: why?\n  choices:\n  - wrong: a\n    because: b", "one right choice"),
        ("- ask: why?", "one of choices, number"),
        ("- ask: why?\n  number: 3", "'because' is missing"),
        ("- ask: why?\n  order: [a, b]\n  because: c\n  slips: []", "unknown slips"),
        ("ask: why?", "a list of questions"),
        ("- ask: 'why?", "YAML"),
    ],
)
def test_a_slip_in_a_question_is_named(text, complaint):
    with pytest.raises(QuestionError, match=complaint):
        read_questions(text)
