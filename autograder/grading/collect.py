"""From a learning platform's download to classroom/submitted: whose is which file, under the course's names.

Moodle, "Download all submissions":    Ada Lovelace_4711_assignsubmission_file/work.ipynb, or with _ for /
Canvas, "Download Submissions":        lovelaceada_LATE_42_98765_work-1.ipynb

The number is matched with the roster's lms_user_id, else the name with the roster's names. A download does
not say when something was handed in, so nothing here counts as late.
"""

import re
import shutil
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from nbgrader.api import Gradebook
from nbgrader.plugins import FileNameCollectorPlugin
from traitlets import Unicode

from autograder.course import Course
from autograder.grading.folders import MAX_SUBMISSION_BYTES
from autograder.grading.roster import Person, read_roster

MOST_FILES = 20_000
NAMES = (
    re.compile(r"(?P<name>[^/]+)_(?P<number>\d+)_assignsubmission_file[_/](?P<file>[^/]+)"),
    re.compile(r"(?P<name>[^/_]+)(?:_LATE)?_(?P<number>\d+)_\d+_(?P<file>[^/]+)"),
)


class DownloadError(ValueError):
    """A file that is no download of submissions."""


@dataclass
class Collected:
    """What became of a download."""

    learners: list[str] = field(default_factory=list)
    """Whose work was put in its place."""
    kept: list[str] = field(default_factory=list)
    """Whose earlier hand-in stayed, though another one came."""
    unknown: list[str] = field(default_factory=list)
    """Files that belong to nobody we know."""


class DownloadCollectorPlugin(FileNameCollectorPlugin):
    """The same for `nbgrader zip_collect`, in place of a regular expression of one's own."""

    classroom = Unicode(help="the classroom's folder").tag(config=True)

    def collect(self, submitted_file: str) -> dict | None:
        """Say whose file this is, and that it is the chapter's notebook."""
        if self.named_regexp:
            return super().collect(submitted_file)
        path = Path(submitted_file)
        people = known_people(Course(classroom=Path(self.classroom)))
        for name in (path.name, f"{path.parent.name}/{path.name}"):
            found = owner(name, people)
            if found and path.suffix in self.valid_ext:
                return {"student_id": found[0], "file_id": self.parent.coursedir.assignment_id}
        return None


def collect(archive: Path, chapter: str, course: Course, replace: bool = False) -> Collected:
    """Put the files of a download where grading looks for them.

    Args:
        archive: the platform's zip file.
        chapter: whose chapter's submissions it holds.
        course: where to put them.
        replace: an earlier hand-in that differs makes way.

    Raises:
        DownloadError: it is no zip file, is too large, or nobody is known whose files it could hold.
    """
    people = known_people(course)
    if not people:
        raise DownloadError(
            f"expected who is in the class: write {course.classroom / 'roster.csv'} with a line "
            "id,first_name,last_name,email,lms_user_id and a line for each learner"
        )
    collected = Collected()
    try:
        with zipfile.ZipFile(archive) as download:
            for learner, files in _by_learner(download, chapter, people, collected).items():
                target = course.submitted / learner / chapter
                if _is_there(target, files):
                    continue
                if target.exists() and not replace:
                    collected.kept.append(learner)
                    continue
                shutil.rmtree(target, ignore_errors=True)
                target.mkdir(parents=True)
                for name, content in files.items():
                    (target / name).write_bytes(content)
                collected.learners.append(learner)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise DownloadError(f"expected a platform's zip file, got {archive}: {error}") from error
    return collected


def known_people(course: Course) -> list[Person]:
    """List who is in the class: the roster, else whom the gradebook knows."""
    roster = read_roster(course)
    if roster is not None:
        return list(roster.values())
    course.prepare_nbgrader()
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        return [
            Person(
                student.id,
                student.first_name or "",
                student.last_name or "",
                student.email or "",
                student.lms_user_id or "",
            )
            for student in gradebook.students
        ]


def owner(entry: str, people: Iterable[Person]) -> tuple[str, str] | None:
    """Say whose a file of a download is, and what it was called when it was handed in.

    Args:
        entry: its name there, with its folder.
        people: who is in the class.

    Returns:
        The learner's id and the name; None where it is nobody's, or might be several people's.
    """
    for pattern in NAMES:
        match = pattern.fullmatch(entry)
        if match is None:
            continue
        found = [person.id for person in people if match["number"] == person.lms_user_id]
        found = found or [
            person.id
            for person in people
            if _letters(match["name"])
            in (
                _letters(person.first_name + person.last_name),
                _letters(person.last_name + person.first_name),
            )
        ]
        return (found[0], match["file"]) if len(found) == 1 else None
    return None


def _by_learner(
    download: zipfile.ZipFile, chapter: str, people: list[Person], collected: Collected
) -> dict[str, dict[str, bytes]]:
    """Read the files, each learner's notebook under the chapter's name where it is the only one."""
    entries = [entry for entry in download.infolist() if not entry.is_dir()]
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_FILES or total > MAX_SUBMISSION_BYTES * max(len(people), 1):
        raise DownloadError(f"{download.filename} holds {len(entries)} files of {total >> 20} MiB")
    files: dict[str, dict[str, bytes]] = defaultdict(dict)
    for entry in entries:
        path = PurePosixPath(entry.filename)
        found = owner("/".join(path.parts[-2:]), people) or owner(path.name, people)
        if found is None or found[1] in (".", ".."):
            collected.unknown.append(entry.filename)
        elif entry.file_size <= MAX_SUBMISSION_BYTES:
            files[found[0]][found[1]] = download.read(entry)
    for mine in files.values():
        notebooks = [name for name in mine if name.endswith(".ipynb")]
        if len(notebooks) == 1:
            mine[f"{chapter}.ipynb"] = mine.pop(notebooks[0])
    return files


def _letters(name: str) -> str:
    """Give a name's letters, as platforms write them in file names: small, without accents or spaces."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def _is_there(target: Path, files: dict[str, bytes]) -> bool:
    return target.is_dir() and all(
        (target / name).is_file() and (target / name).read_bytes() == content
        for name, content in files.items()
    )
