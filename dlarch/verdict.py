"""The result of one check, as everything downstream reads it."""

from dataclasses import asdict, dataclass, field

STATUSES = ("pass", "fail", "error", "timeout", "memory", "crash", "missing")


@dataclass
class Row:
    """One output of the learner's function, over all cases."""

    output: str
    passed: bool
    shape: str = ""
    """Expected shape, and the one that came when it differs."""
    error: float | None = None
    limit: float | None = None
    """The error that is furthest beyond, or nearest to, its tolerance."""
    case: str = ""
    """The case that error and tolerance belong to."""
    message: str = ""


@dataclass
class Verdict:
    """The result of one check."""

    id: str
    """Id of the check cell without `test_`: `<function>` or `<function>_<part>`."""
    points: float
    max_points: float
    status: str
    """One of STATUSES."""
    message: str = ""
    """For the learner, one line."""
    mistake: str | None = None
    """Id of the mistake that produced exactly this answer."""
    section: str = ""
    """Where it is explained: `<page>.html#<anchor>`."""
    notes: list[str] = field(default_factory=list)
    """Why the notebook that is handed in may be graded otherwise."""
    case: str = ""
    """The case that the message speaks of."""
    given: list[str] = field(default_factory=list)
    """Earlier functions that were given right for this verdict, since the learner's own fail."""
    rows: list[Row] = field(default_factory=list)

    @property
    def given_right(self) -> str:
        """Say what was given: "a right `f` and `g`"."""
        *first, last = (f"`{name}`" for name in self.given)
        return f"a right {', '.join(first)} and {last}" if first else f"a right {last}"

    def to_json(self) -> dict:
        """Give the verdict as JSON data."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict) -> "Verdict":
        """Read a verdict from JSON data."""
        return Verdict(**{**data, "rows": [Row(**row) for row in data["rows"]]})
