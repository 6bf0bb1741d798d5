"""Where results of grading are kept: one file for each distinct piece of work, under classroom/verdicts.

verdicts/secret                            the instructor's secret, mode 600
verdicts/<chapter>/salt                    the salt of the grading run
verdicts/<chapter>/results/<key>.json      what grading found, under the hash of all it depends on
verdicts/<chapter>/granted.json            exercises whose points everybody gets
verdicts/<chapter>/held                    there while feedback waits for its release
verdicts/<chapter>/students/<id>.json      which result is a learner's, written when the gradebook has it
"""

import hashlib
import hmac
import json
import os
import secrets
import sys
import tempfile
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path

from autograder.course import Course
from dlarch.verdict import Verdict

DEPENDS_ON = ("numpy", "torch", "safetensors", "ipython")
LAYOUT = 1


@dataclass
class Result:
    """What grading one submission found."""

    key: str
    chapter: str
    verdicts: list[Verdict]
    failure: str = ""
    """Why the notebook could not be read, where it could not."""
    notes: list[str] = field(default_factory=list)
    """What was odd about the submission."""
    displays: dict[str, list[dict]] = field(default_factory=dict)
    """What cells showed that were run for whoever grades a written answer: nbformat outputs."""
    seconds: dict[str, float] = field(default_factory=dict)
    """What each stage took."""
    sandbox: str = ""
    """What separated the learner's code from the rest."""
    backend: str = ""
    """What the reference ran on."""
    salt: str = ""
    """The salt of the run, from which its inputs can be made again."""

    @property
    def score(self) -> float:
        """Points of all checks."""
        return sum(verdict.points for verdict in self.verdicts)

    def to_json(self) -> dict:
        """Give the result as JSON data."""
        return {**vars(self), "verdicts": [verdict.to_json() for verdict in self.verdicts]}

    @staticmethod
    def from_json(data: dict) -> "Result":
        """Read a result from JSON data."""
        return Result(
            **{**data, "verdicts": [Verdict.from_json(item) for item in data["verdicts"]]}
        )


@dataclass(frozen=True)
class VerdictStore:
    """The results of one chapter."""

    chapter: str
    course: Course

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self.course.classroom / "verdicts" / self.chapter

    def salt(self, renew: bool = False) -> str:
        """Give the salt of the current grading run.

        A new one is drawn where there is none, where feedback was written since the last one was, since
        feedback says something of the inputs, and when asked for.
        """
        path = self.folder / "salt"
        if renew or not path.exists() or self._feedback_since(path.stat().st_mtime_ns):
            write_whole(path, secrets.token_hex(8).encode())
        return path.read_text()

    def _feedback_since(self, time_ns: int) -> bool:
        pages = self.course.feedback.glob(f"*/{self.chapter}/*.html")
        return any(page.stat().st_mtime_ns >= time_ns for page in pages)

    def seed(self, salt: str) -> str:
        """Give the seed of the secret inputs: HMAC(instructor's secret, chapter and salt)."""
        text = f"{self.chapter}/{salt}".encode()
        return hmac.new(_secret(self.course), text, hashlib.sha256).hexdigest()

    def read(self, key: str) -> Result | None:
        """Give a result, or None when there is none or its file is damaged."""
        try:
            return Result.from_json(
                json.loads((self.folder / "results" / f"{key}.json").read_text())
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, result: Result) -> None:
        """Keep a result."""
        content = json.dumps(result.to_json(), ensure_ascii=False, indent=1)
        write_whole(self.folder / "results" / f"{result.key}.json", content.encode())

    def recorded(self, student: str) -> dict:
        """Say which result the gradebook has for a learner; empty for none.

        Returns:
            `key`; `timestamp`, as text; `look`, a digest of how pages look; `seen`, digests of what was
            graded, by cell; `shown`, a digest of what the feedback page shows; `handed_in`, a digest of what
            was read.
        """
        try:
            return json.loads((self.folder / "students" / f"{student}.json").read_text())
        except (OSError, ValueError):
            return {}

    def record(
        self,
        student: str,
        key: str,
        timestamp: str,
        look: str = "",
        seen: dict[str, str] | None = None,
        shown: str = "",
        handed_in: str = "",
    ) -> None:
        """Note that the gradebook has a result for a learner."""
        content = {
            "key": key,
            "timestamp": timestamp,
            "look": look,
            "seen": seen or {},
            "shown": shown,
            "handed_in": handed_in,
        }
        path = self.folder / "students" / f"{student}.json"
        write_whole(path, json.dumps(content).encode())

    def forget(self, student: str) -> None:
        """Note that the gradebook is about to change for a learner; what was seen is remembered."""
        if recorded := self.recorded(student):
            self.record(student, "", "", seen=recorded.get("seen"))

    @property
    def is_held(self) -> bool:
        """Whether feedback waits for its release."""
        return (self.folder / "held").exists()

    def hold(self) -> None:
        """Hold feedback back."""
        write_whole(self.folder / "held", b"")

    def release(self) -> None:
        """Hold feedback back no longer."""
        (self.folder / "held").unlink(missing_ok=True)

    @property
    def granted(self) -> list[str]:
        """The exercises whose points everybody gets."""
        try:
            return json.loads((self.folder / "granted.json").read_text())
        except (OSError, ValueError):
            return []

    def grant(self, exercise: str) -> None:
        """Give everybody the points of an exercise."""
        content = json.dumps(sorted({*self.granted, exercise})).encode()
        write_whole(self.folder / "granted.json", content)

    def results(self) -> dict[str, Result]:
        """Give the recorded result of each learner."""
        found = {
            path.stem: self.read(self.recorded(path.stem).get("key", ""))
            for path in sorted((self.folder / "students").glob("*.json"))
        }
        return {student: result for student, result in found.items() if result}


def key_of(*parts: object) -> str:
    """Hash all that a result depends on: what is given, and the versions of what it runs on."""
    text = json.dumps([*parts, _versions()], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _versions() -> list:
    return [LAYOUT, sys.version, *(version(name) for name in DEPENDS_ON)]


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file so that there is the old one or the whole new one at any time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _secret(course: Course) -> bytes:
    path = course.classroom / "verdicts" / "secret"
    if not path.exists():
        write_whole(path, secrets.token_bytes(32), mode=0o600)
    return path.read_bytes()
