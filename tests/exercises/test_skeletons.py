"""`autograder new` writes what can be filled in, and `autograder missing` says what was forgotten."""

import re
import shutil

import pytest

from autograder import completeness
from autograder.chapters import CHAPTERS
from autograder.completeness import lacks, lacks_of_release
from autograder.course import ROOT, Course
from autograder.forms import FORMS, TITLES
from autograder.signature import parameters, results
from autograder.skeletons import NotNewError, new_chapter, new_exercise
from tests.exercises.test_registry import EXERCISES

PARTS = ("autograder", "book", "dlarch/figures", "solutions", "_toc.yml")


@pytest.fixture
def course(tmp_path):
    for name in PARTS:
        source, target = ROOT / name, tmp_path / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
        else:
            shutil.copyfile(source, target)
    return Course(tmp_path, tmp_path / "classroom")


def edit(course, path, old, new):
    text = (course.root / path).read_text()
    assert old in text
    (course.root / path).write_text(text.replace(old, new, 1))


def test_nothing_is_missing():
    assert lacks(Course.here()) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("_toc.yml", "      - file: book/04_backpropagation\n", "", "book/04_backpropagation"),
        ("_toc.yml", "- file: notebooks/07_", "- file: notebooks/77_", "notebooks/07_convolution"),
        ("book/index.md", ":link: 02_neuron\n", "", ":link: 02_neuron"),
        ("book/03_mlp.md", "{exercise} penalty", "{exercise} penalti", "penalti names no exercise"),
        (
            "book/03_mlp.md",
            "{exercise} penalty",
            "{note} penalty",
            "add a box `:::{exercise} penalty",
        ),
        ("book/00_start.md", "single 1 | 1 |", "single 1 | 2 |", "gives 2 points to one_hot: 1"),
        ("book/00_start.md", "| `relative_error` |", "| `other` |", "names relative_error 0 times"),
        (
            "solutions/00_start.py",
            "Task (3 points)",
            "Task (4 points)",
            "check cells have 3 points",
        ),
        ("solutions/04_backpropagation.py", "test_hidden_delta", "test_hid", "'test_hidden_delta'"),
        ("solutions/04_backpropagation.py", '"grade_id": "Value"', '"grade_id": "V"', "'Value'"),
        ("dlarch/figures/README.md", "| `timeline` |", "| timeline |", "figure timeline"),
        (
            "book/05_optimization.md",
            "{exercise} adam_step\n:form: mend\n",
            "{exercise} adam_step\n",
            "the box of adam_step should have a line `:form: mend`",
        ),
        (
            "book/05_optimization.md",
            "{after} momentum_step",
            "{after} momentum",
            "`:::{after} momentum_step` folds away",
        ),
        ("book/04_backpropagation.md", "(#e32)", "(#e31)", "no page links E32"),
    ],
)
def test_what_is_forgotten_is_said_with_its_file(course, path, old, new, said):
    text = (course.root / path).read_text()
    (course.root / path).write_text(text.replace(old, new))
    found = [str(lack) for lack in lacks(course)]
    assert any(said in lack for lack in found), found


def test_a_chapter_without_package_master_or_page_is_said(course, monkeypatch):
    stem = "08_spare"
    monkeypatch.setattr(completeness, "CHAPTERS", (*CHAPTERS, stem))
    found = [str(lack) for lack in lacks(course, (stem,))]
    for path in ("autograder/exercises/spare", f"solutions/{stem}", f"book/{stem}"):
        assert any(lack.startswith(path) and "autograder new chapter" in lack for lack in found)
    assert len(lacks_of_release(stem, course)) == 2


def test_a_new_chapter_and_a_new_exercise_have_their_files_cells_section_and_lines(course):
    stem = "08_spare"
    new_chapter(stem, course)
    new_exercise(
        stem, "conv_parameters(F: int, kernel: (KH, KW)) -> number: int, bias: int", course
    )
    package = (course.root / "autograder/exercises/spare/__init__.py").read_text()
    assert "import conv_parameters\n" in package
    assert package.endswith('"08_spare",\n    (\n        conv_parameters,\n    ),\n)\n')
    module = (course.root / "autograder/exercises/spare/conv_parameters.py").read_text()
    compile(module, "conv_parameters", "exec")
    assert 'outputs=("number", "bias",)' in module
    master = (course.solutions / f"{stem}.py").read_text()
    assert "def conv_parameters(F, kernel):" in master
    assert '"grade_id": "test_conv_parameters"' in master
    page = (course.root / f"book/{stem}.md").read_text()
    assert ":::{exercise} conv_parameters\n" in page
    assert "| `conv_parameters` | what you build | 1 |\n" in page.replace(
        "| |", "| what you build |"
    )
    toc = (course.root / "_toc.yml").read_text()
    order = re.findall(r"file: \S+/(\d\d)_", toc)
    assert order == sorted(order)
    assert toc.index(f"book/{stem}") < toc.index("Generative models")
    index = (course.root / "book/index.md").read_text()
    cards = [int(number) for number in re.findall(r"grid-item-card\} (\d+) ", index)]
    assert cards == sorted(cards)
    with pytest.raises(NotNewError, match="there already"):
        new_chapter(stem, course)


@pytest.mark.parametrize("form", FORMS)
def test_a_new_exercise_of_each_form_has_what_the_form_needs(course, form):
    new_exercise("00_start", "middle(x: (N,) float64) -> y: float", course, form)

    module = (course.root / "autograder/exercises/start/middle.py").read_text()
    compile(module, "middle", "exec")
    page = (course.root / "book/00_start.md").read_text()
    assert (f'form="{form}"' in module) == (form != "write")
    assert ("gives=" in module and "middle.slip(" in module) == (form == "mend")
    assert ("reveals=" in module) == (":::{after} middle\n" in page) == (form == "derive")
    assert (f"{{exercise}} middle\n:form: {form}\n" in page) == (form in TITLES)
    shown = '["demonstration"]\nmiddle(x)' in (course.solutions / "00_start.py").read_text()
    assert shown == (form == "predict")


def test_a_signature_that_cannot_be_read_is_refused(course):
    with pytest.raises(NotNewError, match="expected a signature"):
        new_exercise("00_start", "leave one out", course)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_signature_can_be_read(exercise):
    assert parameters(exercise.signature)
    assert results(exercise.signature)
