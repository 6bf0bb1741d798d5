"""From a bare machine: what it lacks is said at once, and no failure of its own ends in a traceback."""

import os
import shutil
import subprocess
import sys

import pytest

from autograder import system
from autograder.course import ROOT

CHAPTER = "00_start"
NEW_USER = "unshare --user --map-root-user"


@pytest.fixture
def clone(tmp_path):
    """What `make` needs of a fresh clone, without an environment."""
    folder = tmp_path / "a clone, naïve"
    (folder / "autograder").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "autograder/system.py"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def make(clone, python, target="demo", before=""):
    command = f"{before} make {target} PYTHON={python}"
    environment = {"PATH": os.environ["PATH"], "HOME": str(clone), "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        command, shell=True, cwd=clone, env=environment, capture_output=True, text=True, check=False
    )


def pretend(clone, change):
    """Give a Python that differs from this one by a line of code."""
    fake = clone / "python"
    code = f"import runpy, sys; {change}; sys.argv = sys.argv[1:]"
    code += "; runpy.run_path(sys.argv[0], run_name='__main__')"
    fake.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{code}" "$@"\n')
    fake.chmod(0o755)
    return "./python"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("sys.version_info = (3, 9, 2)", "3.11, 3.12 or 3.13 is needed"),
        ("sys.modules['ensurepip'] = None; import os; os.getuid = lambda: 1000", "python3-venv"),
        (
            "import shutil; shutil.disk_usage = lambda path: type('', (), {'free': 1 << 20})",
            "free some space",
        ),
    ],
    ids=["wrong Python", "no venv module", "disk full"],
)
def test_make_says_at_the_start_what_is_missing(change, says, clone):
    run = make(clone, pretend(clone, change))

    assert run.returncode != 0
    assert says in run.stderr
    assert "Traceback" not in run.stderr
    assert not (clone / ".venv").exists()


def test_make_without_a_python_says_what_to_do(clone):
    run = make(clone, "python-that-is-not-there")

    assert run.returncode != 0
    assert "make PYTHON=" in run.stderr


def test_installing_without_a_network_says_so(clone):
    run = make(clone, sys.executable, before=f"PIP_RETRIES=0 {NEW_USER} --net")

    assert run.returncode != 0
    assert "Without a network" in run.stderr
    assert "Traceback" not in run.stderr


def test_everything_missing_is_one_message_with_one_command(monkeypatch, capsys):
    for name in ("find_browser", "find_postgresql", "find_bubblewrap"):
        monkeypatch.setattr(system, name, lambda: None)
    monkeypatch.setattr(system, "can_make_namespaces", lambda: False)
    monkeypatch.setattr(os, "getuid", lambda: 1000)

    assert system.main("test") == 0, "only what needs it is refused"
    said = capsys.readouterr().err
    assert "apt-get install bubblewrap chromium postgresql" in said
    assert "user namespaces" in said
    assert system.main("book") == 0
    assert capsys.readouterr().err == "", "a page needs none of them"


def autograder(*arguments, before="", **variables):
    command = f"{before} {sys.executable} -m autograder {' '.join(arguments)}"
    environment = {**os.environ, "AUTOGRADER_BACKEND": "pytorch", **variables}
    return subprocess.run(
        command, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def classroom(tmp_path):
    (tmp_path / "submitted" / "ada" / CHAPTER).mkdir(parents=True)
    notebook = ROOT / "notebooks" / CHAPTER / f"{CHAPTER}.ipynb"
    shutil.copy(notebook, tmp_path / "submitted" / "ada" / CHAPTER)
    return tmp_path


def refuses(run, says):
    assert run.returncode == 1, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    assert says in run.stderr.splitlines()[-1]
    assert run.stderr.splitlines()[-1].startswith("autograder: ")


NO_NAMESPACES = (
    f"{NEW_USER} sh -c 'echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"' -- env"
)


def test_without_user_namespaces_grading_refuses(classroom):
    run = autograder("grade", CHAPTER, before=NO_NAMESPACES, AUTOGRADER_CLASSROOM=str(classroom))

    refuses(run, "--no-sandbox")


def test_an_unknown_backend_is_one_line(classroom):
    room = {"AUTOGRADER_CLASSROOM": str(classroom), "AUTOGRADER_BACKEND": "cuda"}

    refuses(autograder("grade", CHAPTER, **room), "expected one of triton-cuda")


def test_broken_settings_are_one_line(classroom):
    (classroom / "settings.toml").write_text("limits = [")

    run = autograder("grade", CHAPTER, AUTOGRADER_CLASSROOM=str(classroom))
    refuses(run, "settings.toml")


def test_a_full_disk_is_one_line(tmp_path):
    full = f"{NEW_USER} --mount sh -c 'mount -t tmpfs -o size=60k full {tmp_path} && exec \"$@\"' -- env"

    run = autograder("grade", CHAPTER, before=full, AUTOGRADER_CLASSROOM=str(tmp_path))
    refuses(run, "the disk is full")


def test_doctor_finds_each_of_them(classroom):
    (classroom / "settings.toml").write_text("limits = [")
    nowhere = NO_NAMESPACES.replace("--user", "--user --net", 1)
    room = {"AUTOGRADER_CLASSROOM": str(classroom), "AUTOGRADER_BACKEND": "cuda"}
    run = autograder("doctor", before=nowhere, **room)

    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    for line in (
        "✗ Triton       AUTOGRADER_BACKEND is 'cuda'",
        "✗ settings     ",
        "✗ network      ",
        "✗ sandbox      ",
        "→ sysctl user.max_user_namespaces=10000",
    ):
        assert line in run.stdout


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("Python", ("sys.version_info", (3, 9, 2))),
        ("venv", ("autograder.doctor.has_venv", lambda: False)),
        ("disk", ("autograder.doctor.free_gib", lambda folder: 0.1)),
        ("browser", ("autograder.doctor.find_browser", lambda: None)),
        ("PostgreSQL", ("autograder.doctor.find_postgresql", lambda: None)),
    ],
)
def test_doctor_finds_what_the_machine_lacks(part, change, monkeypatch):
    from autograder import doctor
    from autograder.course import Course

    monkeypatch.setattr(*change)
    look = getattr(doctor, f"_{part.lower()}")
    finding = look(Course.here()) if part == "disk" else look()

    assert not finding.fine
    assert finding.remedy
