"""classroom/settings.toml."""

import os
import re
import subprocess
import sys

import pytest

from autograder.course import ROOT, Course
from autograder.grading.limits import Limits
from autograder.grading.settings import Late, Settings, SettingsError, read_settings


def test_without_a_file_the_defaults_count(tmp_path):
    assert read_settings(tmp_path) == Settings("", Limits())
    assert Course(classroom=tmp_path).gradebook_url == f"sqlite:///{tmp_path}/gradebook.db"


def test_limits_and_gradebook_can_be_set(tmp_path):
    (tmp_path / "settings.toml").write_text(
        'gradebook = "postgresql://teacher@host/course"\n[limits]\ncall_s = 5\nmemory_mib = 512\n'
    )

    assert read_settings(tmp_path).limits == Limits(call_s=5.0, memory_mib=512)
    assert Course(classroom=tmp_path).gradebook_url == "postgresql://teacher@host/course"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("limits = [", "settings.toml"),
        ("[limits]\nmemory = 3", "memory_mib"),
        ("[limits]\ncall_s = 0", "positive"),
        ("[limits]\ncall_s = true", "positive"),
        ("gradebok = 'x'", "gradebok"),
        ("errors_carried_forward = 1", "true or false"),
        ("limits = 3", "table"),
        ("[late]\nper_week = 3", "per_day, most, grace_days"),
        ("[late]\nper_day = -3", "positive"),
        ("extensions = 3", "days"),
        ("[extensions]\nada = 'a week'", "days"),
        ("[extensions]\nada = { 04_back = 3 }", "04_back"),
    ],
)
def test_a_mistake_in_it_is_named(text, says, tmp_path):
    (tmp_path / "settings.toml").write_text(text)

    with pytest.raises(SettingsError, match=says):
        read_settings(tmp_path)


def test_lateness_and_extensions_can_be_set(tmp_path):
    (tmp_path / "settings.toml").write_text(
        "[late]\nper_day = 10\ngrace_days = 1.5\n[extensions]\nada = 3\nbob = { 02_neuron = 7 }\n"
    )

    settings = read_settings(tmp_path)
    assert settings.late == Late(per_day=10, most=100, grace_days=1.5)
    assert settings.extensions == {"ada": 3, "bob": {"02_neuron": 7}}


def test_nbgraders_commands_stop_at_a_mistake_in_it(tmp_path):
    """They would go on with another gradebook, in the checkout."""
    (tmp_path / "settings.toml").write_text("gradebok = 'x'")
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", "db", "student", "list"],
        cwd=ROOT,
        env={**os.environ, "AUTOGRADER_CLASSROOM": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert "gradebok" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (ROOT / "gradebook.db").exists()


def test_the_book_has_every_limit_with_its_default():
    page = (ROOT / "book" / "grading.md").read_text()
    listed = {name: float(most) for name, most in re.findall(r"^\| `(\w+)` \| (\d+)", page, re.M)}

    assert listed == vars(Limits())
