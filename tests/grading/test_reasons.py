"""What a student saw pass is graded, and whoever has to act is told why: a class of odd submissions."""

import json
from dataclasses import replace

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook

from autograder.grading.classroom import grade, gradebook_table, summary
from autograder.grading.report import read_report
from autograder.release import release
from tests.grading import forms

CHAPTER = "04_backpropagation"
NAME = f"{CHAPTER}.ipynb"
WRITTEN = ("delta_why", "vanishing_why")
SOLVED = {
    "split": forms.split_above,
    "helper": lambda content: with_helper(content),
    "colab": forms.colab_copy,
    "script": forms.light_script,
    "torch": lambda content: with_unused_import(content),
}
"""Whose notebook is right in an odd form."""


def with_helper(content):
    """A helper in an added cell, a table filled in a loop, and an import added to the set-up."""
    forms.cell(content, "cell-01")["source"] += "\nfrom math import fsum as exact_sum"
    source = "slope_of = {}\nfor name in ('sigmoid',):\n    slope_of[name] = lambda o: o * (1 - o)"
    forms.insert(content, "neuron_gradients", forms.new(source))
    forms.cell(content, "neuron_gradients")["source"] = (
        "def neuron_gradients(x, w, b, t):\n"
        '    o = ACTIVATIONS["sigmoid"](exact_sum(w * x) + b)\n'
        '    delta = (o - t) * slope_of["sigmoid"](o)\n'
        "    return 0.5 * (o - t) ** 2, delta * x, delta\n"
    )
    return content


def with_unused_import(content):
    item = forms.cell(content, "neuron_gradients")
    item["source"] = f"import torch\n{item['source']}"
    return content


@pytest.fixture(scope="module")
def classroom(course, run, tmp_path_factory):
    own = replace(course, classroom=tmp_path_factory.mktemp("odd"))
    release(CHAPTER, own)
    return own


@pytest.fixture(scope="module")
def graded(classroom, run, workers):
    """Grade the class of odd submissions; grades by learner."""
    solved = forms.solved_content(run)

    def hand_in(student, content, name=NAME):
        path = classroom.submitted / student / CHAPTER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def fresh():
        return json.loads(json.dumps(solved))

    for student, form in SOLVED.items():
        hand_in(student, forms.as_bytes(form(fresh())))
    hand_in("renamed", forms.as_bytes(fresh()), "Copy of 04 (1).ipynb.txt")
    hand_in("beside", nbformat.writes(run.assignment.notebook).encode())
    hand_in("beside", forms.as_bytes(fresh()), f"{CHAPTER} (1).ipynb")
    hand_in("cut", forms.cut_off(fresh()))
    hand_in("page", forms.web_page(fresh()))
    hand_in("nothing", b"%PDF", "homework.pdf")
    hand_in("conflict", conflict_in_an_answer(fresh()))
    grades = grade(CHAPTER, classroom, [], given=workers)
    return {item.student: item for item in grades}


def conflict_in_an_answer(content):
    text = json.dumps(content, indent=1)
    line = next(line for line in text.split("\n") if '"def neuron_gradients' in line)
    other = line.replace("0.5 *", "2 *")
    assert other != line
    return text.replace(line, f"<<<<<<< HEAD\n{line}\n=======\n{other}\n>>>>>>> theirs").encode()


def page_of(course, student):
    page = course.feedback / student / CHAPTER / f"{CHAPTER}.html"
    return " ".join(BeautifulSoup(page.read_text(), "html.parser").get_text().split())


@pytest.mark.parametrize("student", [*SOLVED, "renamed", "beside"])
def test_right_answers_in_an_odd_form_keep_their_points(student, graded, run):
    most = sum(cell.points for cell in run.assignment.of("check"))

    assert graded[student].score == most, graded[student].result.verdicts
    assert graded[student].failure == ""
    assert graded[student].needs_manual_grade


@pytest.mark.parametrize(
    ("student", "said"),
    [
        ("helper", "slope_of was taken along from another cell"),
        ("colab", ""),
        ("torch", "the import of torch was left out"),
        ("renamed", "the notebook is called Copy of 04 (1).ipynb.txt"),
        ("beside", f"{CHAPTER} (1).ipynb has most answers and was graded"),
        ("cut", "is cut off after cell"),
        ("page", "is an HTML page"),
        ("nothing", "which holds homework.pdf"),
        ("conflict", "neuron_gradients: Git left two versions of it"),
    ],
)
def test_what_was_done_stands_on_the_learners_page_and_in_the_table(
    student, said, graded, classroom
):
    assert said in page_of(classroom, student)
    if said:
        assert said in gradebook_table([graded[student]])


def test_the_learners_own_text_is_shown_when_it_could_not_be_used(graded, classroom):
    assert "import itertools" in page_of(classroom, "cut")
    assert "one of two versions" in page_of(classroom, "conflict")


def test_a_conflict_in_one_answer_costs_that_answer_and_says_so(graded, run):
    most = sum(cell.points for cell in run.assignment.of("check"))
    lost = next(item for item in graded["conflict"].verdicts if item.points == 0)

    assert graded["conflict"].score == most - lost.max_points
    assert "Git left two versions" in lost.message


@pytest.mark.parametrize("student", ["cut", "page", "nothing"])
def test_what_could_not_be_read_has_a_page_counts_as_failed_and_waits_for_a_person(
    student, graded, classroom
):
    with Gradebook(classroom.gradebook_url, classroom.id) as book:
        waiting = {
            name: book.find_grade(name, CHAPTER, CHAPTER, student).needs_manual_grade
            for name in WRITTEN
        }

    assert graded[student].score == 0
    assert graded[student].needs_manual_grade
    assert all(waiting.values())
    assert "could not be read" in page_of(classroom, student)


def test_the_summary_and_the_report_count_them_as_failed(graded, classroom):
    report = read_report(CHAPTER, classroom)

    assert "3 failed" in summary(list(graded.values()), 1.0, True)
    assert set(report.failed) == {"cut", "page", "nothing"}
    assert "is cut off after cell" in report.failed["cut"]
