"""When something was handed in, and what lateness costs: by settings.toml, or by nbgrader's own plug-in."""

import math
import re
import stat
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from dateutil import parser
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.api import Gradebook, SubmittedAssignment
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Dict, Float, Unicode

MAX_TIMESTAMP = 100
OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)")


class DailyPenalty(LateSubmissionPlugin):
    """A part of the score for each day that was begun after the days of grace."""

    per_day = Float(help="per cent of the score for each day").tag(config=True)
    most = Float(100.0, help="per cent of the score at most").tag(config=True)
    grace_days = Float(help="days that cost nothing").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Give the points that come off, or None."""
        days = math.ceil(total_seconds_late / 86400 - self.grace_days)
        return score * min(days * self.per_day, self.most) / 100 if days > 0 else None


class Penalties(AssignLatePenalties):
    """Nbgrader's late penalties, with the time zones that it misreads and the settings' extensions."""

    classroom = Unicode(help="the classroom's folder").tag(config=True)
    extensions = Dict(None, allow_none=True, help="days, by learner and chapter").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Assign the penalty of one submission."""
        settings = resources["nbgrader"]
        with Gradebook(settings["db_url"]) as gradebook:
            self.assign(gradebook.find_submission(settings["assignment"], settings["student"]))
            gradebook.db.commit()
        return nb, resources

    def assign(self, submission: SubmittedAssignment) -> None:
        """Put time, extension and penalty of a submission into its lines of the gradebook."""
        student, chapter = submission.student_id, submission.assignment.name
        moment = read_moment(Path(self.classroom) / "submitted" / student / chapter)
        if moment.time is not None:
            submission.timestamp = moment.time
        if self.extensions is not None:
            given = self.extensions.get(student, 0)
            days = given.get(chapter, 0) if isinstance(given, dict) else given
            submission.extension = timedelta(days=days) if days else None
        if submission.assignment.duedate is None:
            submission.extension = None  # nbgrader would add it to no date
        self.init_plugin()
        for notebook in submission.notebooks:
            penalty = None
            if submission.total_seconds_late > 0:
                penalty = self.plugin_inst.late_submission_penalty(
                    student, notebook.score, submission.total_seconds_late
                )
            if penalty is not None:
                penalty = self._check_late_penalty(notebook, penalty)
            if notebook.late_submission_penalty != penalty:
                notebook.late_submission_penalty = penalty


@dataclass(frozen=True)
class Moment:
    """When something was handed in."""

    text: str = ""
    """As it stands in timestamp.txt; empty where there is none."""
    time: datetime | None = field(default=None)
    """In UTC, without a zone, as nbgrader has it; None where the text cannot be read."""

    @property
    def problem(self) -> str:
        """Say so when there is a text and no time."""
        if self.time is None and self.text:
            return f"the timestamp {self.text!r} cannot be read and counts as in time"
        return ""


def read_moment(folder: Path) -> Moment:
    """Read the timestamp of a submission.

    Args:
        folder: where the submission is.
    """
    path = folder / "timestamp.txt"
    try:
        found = path.lstat()
        is_file = stat.S_ISREG(found.st_mode) and not folder.is_symlink()
        if not is_file or found.st_size > MAX_TIMESTAMP:
            return Moment()
        text = path.read_text(errors="replace").strip()
    except OSError:
        return Moment()
    return Moment(text, read_time(text))


def read_time(text: str) -> datetime | None:
    """Give the time in UTC, without a zone, that a timestamp says; None where it is not certain.

    Args:
        text: date, time, and perhaps a zone: an offset, a place or an abbreviation.
    """
    date, *zone = text.rsplit(" ", 1) if len(text.split(" ")) == 3 else (text,)
    try:
        time = parser.parse(date)
        if zone:
            time -= _offset(zone[0], time)
        elif time.tzinfo is not None:
            time = time.astimezone(UTC)
        return time.replace(tzinfo=None)
    except (ValueError, OverflowError, KeyError, OSError):
        return None


def duration(seconds: float) -> str:
    """Give a time that something was late, in days and hours or in minutes."""
    hours, minutes = divmod(math.ceil(seconds / 60), 60)
    days, hours = divmod(hours, 24)
    parts = {"d": days, "h": hours, "min": 0 if days else minutes}
    return " ".join(f"{value} {unit}" for unit, value in parts.items() if value)


def _offset(zone: str, time: datetime) -> timedelta:
    """Give how far a zone is before UTC.

    Raises:
        ValueError: there is no such zone, or there are several that differ.
    """
    if match := OFFSET.fullmatch(zone):
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return -offset if sign == "-" else offset
    if zone in ("UTC", "GMT", "Z"):
        return timedelta(0)
    offsets = _abbreviated(zone, time.replace(hour=12, minute=0, second=0, microsecond=0))
    if len(offsets) == 1:
        return next(iter(offsets))
    if zone not in _zones():
        raise ValueError(f"expected a time zone, got {zone!r}")
    return ZoneInfo(zone).utcoffset(time)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _abbreviated(name: str, time: datetime) -> frozenset[timedelta]:
    """Give the offsets of all places that use an abbreviation at that time."""
    places = (ZoneInfo(place) for place in _zones())
    return frozenset(p.utcoffset(time) for p in places if p.tzname(time) == name)
