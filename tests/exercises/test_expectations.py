"""What makes the expectations of which exercises stale; only those are made anew."""

import shutil
from dataclasses import replace

import pytest

from autograder import sources
from autograder.chapters import CHAPTERS, load_chapter
from autograder.expectations import digests, expectations
from dlarch import checks_file
from dlarch.compare import Tolerance
from tests.exercises.expectations import expectation_of

STEM = "00_start"


def all_digests():
    return {(stem, name): value for stem in CHAPTERS for name, value in digests(stem).items()}


@pytest.fixture(scope="module")
def before():
    return all_digests()


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A copy of the sources, to be edited."""
    for package in sources.PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "figures")
        shutil.copytree(sources.ROOT / package, tmp_path / package, ignore=ignored)
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    return tmp_path


def edit(path):
    path.write_text((path.read_text() if path.exists() else "") + "\n# edited\n")


def stale(before):
    return {exercise for exercise, value in all_digests().items() if value != before[exercise]}


def test_a_copy_changes_nothing(course, before):
    assert stale(before) == set()


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("autograder/exercises/backpropagation/hidden_delta.py", {"hidden_delta"}),
        ("autograder/exercises/vae/vae_step.py", {"vae_step", "train_vae"}),
        (
            "autograder/kernels/pooling.py",
            {
                *("max_pool", "max_pool_backward"),
                *("global_average_pool", "inception_block", "lenet5", "vgg_block"),
            },
        ),
        ("autograder/kernels/unused.py", set()),
        ("autograder/kernels/__init__.py", set()),
        ("autograder/exercises/start/__init__.py", set()),
        ("autograder/chapters.py", set()),
        ("autograder/release.py", set()),
        ("dlarch/judge.py", set()),
        ("dlarch/compare.py", set()),
        ("dlarch/drivers/another.py", set()),
    ],
)
def test_a_source_makes_stale_what_uses_it(course, before, path, names):
    edit(course / path)

    assert {name for _, name in stale(before)} == names


@pytest.mark.parametrize("path", ["autograder/exercise.py", "dlarch/plain.py"])
def test_what_draws_and_stores_makes_all_stale(course, before, path):
    edit(course / path)

    assert stale(before) == before.keys()


@pytest.mark.parametrize("half", ["drivers", "facts"])
@pytest.mark.parametrize("stem", ["04_backpropagation", "15_gan"])
def test_a_driver_makes_stale_the_exercises_that_name_it(course, before, stem, half):
    slug = stem.split("_")[1]
    edit(course / "dlarch" / half / f"{slug}.py")

    named = load_chapter(stem).exercises.values()
    assert stale(before) == {(stem, item.name) for item in named if item.driver.startswith(slug)}


def test_models_make_stale_the_chapters_that_build_them(course, before):
    edit(course / "dlarch" / "models.py")

    assert {stem for stem, _ in stale(before)} == {
        "08_cnn_architectures",
        "09_vision_tasks",
        "14_vae",
        "15_gan",
    }


def test_what_a_chapter_shares_makes_no_other_chapter_stale(course, before):
    edit(course / "autograder" / "exercises" / "convolution" / "shared.py")

    assert {stem for stem, _ in stale(before)} == {"07_convolution"}


@pytest.mark.parametrize("setting", ["tolerance", "points", "message"])
def test_a_declaration_makes_its_own_exercise_stale(before, monkeypatch, setting):
    exercise = load_chapter(STEM).exercises["standardize"]
    if setting == "tolerance":
        monkeypatch.setattr(exercise, "tolerance", Tolerance(relative=3e-3))
    elif setting == "points":
        monkeypatch.setattr(exercise.parts[""], "points", 7.0)
    else:
        monkeypatch.setattr(exercise.mistakes[0], "message", "Another message.")

    assert stale(before) == {(STEM, "standardize")}


@pytest.fixture
def checks(tmp_path):
    """The public expectations of a chapter, with their digests, written and read."""
    current = digests(STEM)
    made = [
        replace(expectation_of(exercise, ""), digest=current[exercise.name], backend="pytorch")
        for exercise in load_chapter(STEM).exercises.values()
    ]
    checks_file.save(tmp_path / "checks", STEM, made)
    return checks_file.load(tmp_path / "checks")


def test_only_stale_expectations_are_made(checks, monkeypatch):
    exercises = load_chapter(STEM).exercises
    made = []
    for exercise in exercises.values():
        monkeypatch.setattr(
            exercise, "expectation", lambda secret, e=exercise: made.append(e.name) or fresh[e.name]
        )
    fresh = {name: checks.expectation(name) for name in exercises}
    monkeypatch.setattr(exercises["one_hot"], "tolerance", Tolerance(relative=3e-3))

    assert [item.name for item in expectations(STEM, [checks])] == list(exercises)
    assert made == ["one_hot"]


def test_what_is_taken_over_stays_the_same_to_the_byte(checks, tmp_path):
    checks_file.save(tmp_path / "again", STEM, expectations(STEM, [checks]))

    assert (tmp_path / "again").read_bytes() == (tmp_path / "checks").read_bytes()


def test_a_file_of_another_layout_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(checks_file, "LAYOUT", "1")
    checks_file.save(tmp_path / "old", STEM, [])
    monkeypatch.undo()

    with pytest.raises(checks_file.LayoutError, match="same release"):
        checks_file.load(tmp_path / "old")
