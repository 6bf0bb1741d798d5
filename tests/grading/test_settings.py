"""classroom/settings.toml."""

import re

import pytest

from autograder.course import ROOT, Course
from autograder.grading.limits import Limits
from autograder.grading.settings import Settings, SettingsError, read_settings


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
    ],
)
def test_a_mistake_in_it_is_named(text, says, tmp_path):
    (tmp_path / "settings.toml").write_text(text)

    with pytest.raises(SettingsError, match=says):
        read_settings(tmp_path)


def test_the_book_has_every_limit_with_its_default():
    page = (ROOT / "book" / "grading.md").read_text()
    listed = {name: float(most) for name, most in re.findall(r"^\| `(\w+)` \| (\d+)", page, re.M)}

    assert listed == vars(Limits())
