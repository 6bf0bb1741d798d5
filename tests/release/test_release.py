"""Release: masters → notebooks/, in sync, byte-stable, and free of leaks."""

import json
import shutil
from dataclasses import replace

import nbformat
import pytest

from autograder.chapters import CHAPTERS, load_chapter
from autograder.course import ROOT, Course
from autograder.exercise import Exercise
from autograder.guidance import book_address, lock
from autograder.release import (
    ReleaseRefusedError,
    find_leaks,
    pull,
    read_master,
    refuse_leaks,
    release,
    secret_lines,
)
from autograder.stubs import text_given
from dlarch.check import FILE_NAME
from dlarch.compare import Tolerance

STEM = "04_backpropagation"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of what release reads, so that nothing of the checkout is written."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "solutions", root / "solutions")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    return Course(root=root, classroom=root / "classroom")


@pytest.mark.parametrize("stem", CHAPTERS)
def test_notebooks_are_what_the_masters_give(stem, course):
    assert release(stem, course) == []
    for path in (ROOT / "notebooks" / stem).iterdir():
        assert path.read_bytes() == (course.notebooks / stem / path.name).read_bytes()


@pytest.mark.parametrize("stem", CHAPTERS)
def test_released_notebook_has_stable_ids_and_nothing_else(stem):
    content = json.loads((ROOT / "notebooks" / stem / f"{stem}.ipynb").read_text())

    assert set(content["metadata"]) <= {"kernelspec", "language_info", "dlarch"}
    ids = [cell["id"] for cell in content["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in content["cells"]:
        assert set(cell["metadata"]) <= {"nbgrader", "tags", "dlarch", "deletable", "editable"}
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("stem", CHAPTERS)
def test_slips_are_kept_from_what_is_given_and_from_answers(stem):
    cells = nbformat.read(ROOT / "notebooks" / stem / f"{stem}.ipynb", as_version=4).cells
    for cell in cells:
        settings, tags = cell.metadata.get("nbgrader", {}), cell.metadata.get("tags", [])
        free = "demonstration" in tags and "dlarch" not in cell.metadata
        assert cell.metadata.get("deletable", True) is free, cell.id
        assert cell.metadata.get("editable", True) is (free or settings.get("solution", False))
        is_check = bool(settings.get("grade")) and not settings["solution"]
        assert ("raises-exception" in tags) is is_check


@pytest.mark.parametrize("stem", CHAPTERS)
def test_every_notebook_says_how_to_start_and_how_to_end(stem):
    cells = nbformat.read(ROOT / "notebooks" / stem / f"{stem}.ipynb", as_version=4).cells

    assert [cell.id for cell in (cells[0], *cells[-2:])] == ["install", "hand-in", "points"]
    assert f"`{stem}.ipynb`" in cells[-2].source
    assert "check_all()" in cells[-1].source
    assert all("demonstration" in cell.metadata.tags for cell in (cells[0], cells[-1]))


def test_with_an_address_of_the_book_links_lead_there(tmp_path):
    (tmp_path / "_config.yml").write_text("html:\n  baseurl: https://example.org/course/\n")
    text = "[a](../../book/04_backpropagation.md#chain-rule), [b](../../book/notation.md)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    lock(notebook, book_address(Course(root=tmp_path)))

    assert notebook.cells[0].source == (
        "[a](https://example.org/course/book/04_backpropagation.html#chain-rule), "
        "[b](https://example.org/course/book/notation.html)"
    )
    assert notebook.metadata.dlarch.book == "https://example.org/course/book/"


@pytest.mark.parametrize("stem", CHAPTERS)
def test_nothing_published_holds_a_solution(stem):
    secrets = secret_lines(read_master(ROOT / "solutions" / f"{stem}.py"))
    assert len(secrets) >= 20
    for path in (ROOT / "notebooks").rglob("*.ipynb"):
        text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
        assert find_leaks(text, secrets) == []
    assert {path.name for path in (ROOT / "notebooks" / stem).iterdir()} == {
        f"{stem}.ipynb",
        FILE_NAME,
    }


@pytest.mark.parametrize(
    "leak",
    ["### BEGIN HIDDEN TESTS\nassert True", "### BEGIN SOLUTION", "secret line"],
    ids=["hidden test", "solution marker", "solution line"],
)
def test_a_leak_is_refused(leak, tmp_path):
    master = read_master(ROOT / "solutions" / f"{STEM}.py")
    released = nbformat.read(ROOT / "notebooks" / STEM / f"{STEM}.ipynb", as_version=4)
    folder = tmp_path / STEM
    folder.mkdir()
    refuse_leaks(folder, master, released)
    line = next(iter(secret_lines(master))) if leak == "secret line" else leak
    released.cells.append(nbformat.v4.new_code_cell(line))

    with pytest.raises(ReleaseRefusedError, match="would give away"):
        refuse_leaks(folder, master, released)


def test_a_function_to_mend_is_published_and_the_lines_that_mend_it_are_not():
    master = read_master(ROOT / "solutions" / "05_optimization.py")
    path = ROOT / "notebooks" / "05_optimization" / "05_optimization.ipynb"
    (released,) = [cell for cell in nbformat.read(path, 4).cells if cell.id == "adam_step"]
    (cell,) = [cell for cell in master.cells if cell.id == "adam_step"]

    assert released.source == text_given(cell)
    assert "dlarch" not in released.metadata
    secrets = secret_lines(master)
    assert "mean = first_moment / (1 - beta1**step)" in secrets
    assert "first_moment = beta1 * first_moment + (1 - beta1) * gradient" not in secrets


def test_a_foreign_file_is_refused(tmp_path):
    folder = tmp_path / STEM
    folder.mkdir()
    (folder / "notes.md").write_text("solutions")

    with pytest.raises(ReleaseRefusedError, match=r"notes\.md"):
        refuse_leaks(folder, nbformat.v4.new_notebook(), nbformat.v4.new_notebook())


def test_an_edit_of_the_built_source_is_kept_and_comes_back(course):
    release(STEM, course)
    source = course.source / STEM / f"{STEM}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    title = next(cell for cell in notebook.cells if cell.cell_type == "markdown")
    title.source += "\nEdited in JupyterLab."
    nbformat.write(notebook, source)
    master = course.solutions / f"{STEM}.py"
    before = master.read_text()

    with pytest.raises(ReleaseRefusedError, match="autograder pull"):
        release(STEM, course)
    assert master.read_text() == before
    assert pull(STEM, course)
    assert "# Edited in JupyterLab." in master.read_text()
    assert {path.name for path in release(STEM, course)} == {f"{STEM}.ipynb", FILE_NAME}

    shutil.copy(ROOT / "solutions" / f"{STEM}.py", master)
    release(STEM, course)


def test_what_cannot_be_released_or_pulled_is_refused_with_a_remedy(course, tmp_path):
    empty = Course(root=tmp_path, classroom=tmp_path / "classroom")
    with pytest.raises(ReleaseRefusedError, match=f"solutions/{STEM}.py: there is no master"):
        release(STEM, empty)
    with pytest.raises(ReleaseRefusedError, match="autograder release"):
        pull(STEM, empty)

    release(STEM, course)
    source = course.source / STEM / f"{STEM}.ipynb"
    content = source.read_bytes()
    source.write_bytes(content[:100])
    for command in (release, pull):
        with pytest.raises(ReleaseRefusedError, match="is damaged"):
            command(STEM, course)
    source.write_bytes(content)


@pytest.mark.parametrize("stem", CHAPTERS)
def test_pull_of_an_unedited_source_changes_nothing(stem, course):
    release(stem, course)

    assert not pull(stem, course)


def test_checks_are_remade_only_when_the_code_changed(course, monkeypatch):
    release(STEM, course)
    monkeypatch.setattr(Exercise, "expectation", _fail)
    assert release(STEM, course) == []
    stale = load_chapter(STEM).exercises["hidden_delta"]
    monkeypatch.setattr(stale, "tolerance", Tolerance(3e-3))

    with pytest.raises(AssertionError, match="remade hidden_delta"):
        release(STEM, course)


def test_released_gradebook_knows_all_points(course):
    from nbgrader.api import Gradebook

    release(STEM, course)
    master = read_master(ROOT / "solutions" / f"{STEM}.py")
    points = sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in master.cells)
    with Gradebook(course.gradebook_url, "deep_learning_architectures") as gradebook:
        assert gradebook.find_assignment(STEM).max_score == points


def test_another_classroom_is_told_too(course, tmp_path):
    other = replace(course, classroom=tmp_path / "classroom")
    release(STEM, other)

    assert (tmp_path / "classroom" / "gradebook.db").exists()


def test_what_another_classroom_released_is_not_taken_for_the_masters(course):
    """Two classrooms share the built folders: each release is compared with the master it is from."""
    demo = replace(course, classroom=course.root / "demo")
    master = course.solutions / f"{STEM}.py"
    before = master.read_text()
    published = course.notebooks / STEM / f"{STEM}.ipynb"
    release(STEM, course)
    expected = published.read_bytes()
    master.write_text(before + "\n\n# %% [markdown]\n# A word too much.\n")
    release(STEM, demo)
    assert published.read_bytes() != expected
    master.write_text(before)
    release(STEM, course)

    assert published.read_bytes() == expected


def test_a_pasted_picture_is_refused_on_the_way_back_to_the_master(course):
    release(STEM, course)
    source = course.source / STEM / f"{STEM}.ipynb"
    before = source.read_bytes()
    notebook = nbformat.read(source, as_version=4)
    notebook.cells[0].attachments = {"drawn.png": {"image/png": "iVBORw0KGgo="}}
    nbformat.write(notebook, source)
    with pytest.raises(ReleaseRefusedError, match="pictures pasted into"):
        pull(STEM, course)
    source.write_bytes(before)


def _fail(exercise: Exercise, secret: str):
    raise AssertionError(f"remade {exercise.name}")
