"""Downloads of Moodle and Canvas, as their own file names are."""

import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest

from autograder.course import ROOT, Course
from autograder.grading.collect import DownloadError, collect, owner
from autograder.grading.roster import Person, RosterError, read_people

CHAPTER = "04_backpropagation"
ROSTER = """id,first_name,last_name,email,lms_user_id
ada,Ada,Lovelace,ada@example.org,42
bert,Bert,Ångström Lindqvist,,43
cleo,Cleo,Smith,,44
cleo2,Cleo,Smith,,45
"""
FILES = {
    "Ada Lovelace_4711_assignsubmission_file/My work.ipynb": "ada",
    "Ångström Lindqvist Bert_4712_assignsubmission_file_04_backpropagation.ipynb": "bert",
    "course/smithcleo_LATE_44_98765_04_backpropagation-1.ipynb": "cleo",
    "smithcleo_45_98766_a_b_c.ipynb": "cleo2",
    "Cleo Smith_4713_assignsubmission_file/x.ipynb": None,
    "Mallory_4714_assignsubmission_file/x.ipynb": None,
    "notes.txt": None,
    "../../Ada Lovelace_4711_assignsubmission_file/..": None,
}


@pytest.fixture
def course(tmp_path):
    (tmp_path / "classroom").mkdir()
    (tmp_path / "classroom" / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return replace(Course.here(), classroom=tmp_path / "classroom")


@pytest.fixture
def download(tmp_path):
    def write(files):
        path = tmp_path / "download.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return path

    return write


@pytest.mark.parametrize(("name", "who"), FILES.items())
def test_a_file_is_known_by_number_or_by_a_name_that_is_one_persons(name, who, course):
    people = read_people(course.classroom / "roster.csv").values()
    places = ["/".join(name.split("/")[-2:]), name.split("/")[-1]]
    found = [owner(place, people) for place in places]
    found = [item for item in found if item and item[1] != ".."]

    assert {item[0] for item in found} == ({who} if who else set())


def test_a_download_lands_under_the_courses_names(course, download):
    found = collect(download({name: name for name in FILES}), CHAPTER, course)

    assert found.learners == ["ada", "bert", "cleo", "cleo2"]
    assert set(found.unknown) == {name for name, who in FILES.items() if who is None}
    for name, who in FILES.items():
        if who:
            notebook = course.submitted / who / CHAPTER / f"{CHAPTER}.ipynb"
            assert notebook.read_text() == name
    assert not list(course.classroom.parent.parent.glob("Ada*"))


def test_an_earlier_hand_in_is_replaced_only_when_asked(course, download):
    name = "Ada Lovelace_1_assignsubmission_file/a.ipynb"
    collect(download({name: "first"}), CHAPTER, course)
    same = collect(download({name: "first"}), CHAPTER, course)
    second = collect(download({name: "second"}), CHAPTER, course)
    notebook = course.submitted / "ada" / CHAPTER / f"{CHAPTER}.ipynb"
    before = notebook.read_text()
    third = collect(download({name: "second"}), CHAPTER, course, replace=True)

    assert (same.learners, same.kept) == ([], [])
    assert (second.learners, second.kept, before) == ([], ["ada"], "first")
    assert (third.learners, notebook.read_text()) == (["ada"], "second")


def test_what_is_no_download_or_has_no_roster_is_named(course, tmp_path, download):
    (tmp_path / "page.zip").write_text("<html>")
    with pytest.raises(DownloadError, match=r"page\.zip"):
        collect(tmp_path / "page.zip", CHAPTER, course)
    (course.classroom / "roster.csv").unlink()
    with pytest.raises(DownloadError, match=r"roster\.csv"):
        collect(download({"a": "b"}), CHAPTER, course)


@pytest.mark.parametrize("text", ["name\nada\n", "id\nada\nada\n", "id,email\n,x\n"])
def test_a_roster_without_ids_of_their_own_is_refused(text, tmp_path):
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(RosterError, match="expected an id of its own"):
        read_people(tmp_path / "roster.csv")


def test_a_persons_fields_are_the_rosters(tmp_path):
    (tmp_path / "roster.csv").write_text(
        "\ufefflms_user_id,id,other\n 7 ,ada,x\n", encoding="utf-8"
    )

    assert read_people(tmp_path / "roster.csv") == {"ada": Person("ada", lms_user_id="7")}


def test_nbgraders_zip_collect_needs_no_expression_and_stays_in_the_classroom(course, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_CLASSROOM", str(course.classroom))
    archive = course.classroom / "downloaded" / CHAPTER / "archive"
    archive.mkdir(parents=True)
    (archive / "lovelaceada_42_7_work.ipynb").write_text("{}")
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", "zip_collect", CHAPTER],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert (course.submitted / "ada" / CHAPTER / f"{CHAPTER}.ipynb").read_text() == "{}"
    assert not (ROOT / "downloaded").exists()
