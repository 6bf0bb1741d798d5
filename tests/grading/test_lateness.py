"""Timestamps in the forms that exchanges and people write."""

from datetime import datetime

import pytest

from autograder.grading.lateness import duration, read_moment, read_time

NOON = datetime(2026, 7, 1, 12)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-07-01 12:00:00 UTC", 12),
        ("2026-07-01 12:00:00", 12),
        ("2026-07-01 12:00:00 +0100", 11),
        ("2026-07-01 12:00:00 -05:00", 17),
        ("2026-07-01 12:00:00 CEST", 10),
        ("2026-07-01 12:00:00 EDT", 16),
        ("2026-07-01 12:00:00 Europe/Berlin", 10),
        ("2026-07-01T12:00:00+02:00", 10),
    ],
)
def test_a_time_is_read_in_its_zone(text, hour):
    assert read_time(text) == NOON.replace(hour=hour)


@pytest.mark.parametrize(
    "text", ["tomorrow", "", "2026-07-01 12:00:00 CST", "2026-07-01 12:00 X/Y"]
)
def test_what_is_not_certain_is_no_time(text):
    assert read_time(text) is None


def test_a_file_that_cannot_be_read_says_so_and_none_says_nothing(tmp_path):
    assert read_moment(tmp_path).problem == ""
    (tmp_path / "timestamp.txt").write_bytes(b"\xff\x1b[2J tomorrow")

    assert "cannot be read" in read_moment(tmp_path).problem
    assert read_moment(tmp_path).problem.isprintable()


def test_a_duration_is_in_days_and_hours_or_minutes():
    assert [duration(s) for s in (0, 30, 5000, 90_000)] == ["", "1 min", "1 h 24 min", "1 d 1 h"]
