"""What grading one submission needs, and what it finds; plain data, so that a cluster can do it."""

from collections import defaultdict
from dataclasses import dataclass, field

from autograder.grading.limits import Limits
from dlarch.importer.assignment import Cell
from dlarch.verdict import Verdict


@dataclass(frozen=True)
class Job:
    """All that grading one submission needs."""

    chapter: str
    cells: tuple[Cell, ...]
    """The master's cells that count, in order, with the learner's sources in the answers."""
    sources: dict[str, str]
    """The learner's answers alone, by cell."""
    elsewhere: tuple[str, ...]
    """Names that the notebook defines in cells that are not run."""
    preload: tuple[str, ...]
    limits: Limits
    isolated: bool = True
    explain: bool = False
    carry: bool = True
    """Whether what builds on a function that fails is judged again, given that function right."""


@dataclass
class Findings:
    """What grading one submission found."""

    verdicts: list[Verdict] = field(default_factory=list)
    displays: dict[str, list[dict]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    explanations: list[dict] = field(default_factory=list)
    doubtful: tuple[str, ...] = ()
    """Checks that did not pass in a submission whose process was ended."""
