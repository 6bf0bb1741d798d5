"""What was read of a submission."""

from dataclasses import dataclass, field

from dlarch.importer.pictures import Attachments


@dataclass
class Submission:
    """The answers of one notebook."""

    answers: dict[str, str] = field(default_factory=dict)
    """Sources of answer cells that are not as released, by id."""
    pictures: dict[str, Attachments] = field(default_factory=dict)
    """Pictures that were pasted into written answers, by id."""
    extra: list[tuple[str, str]] = field(default_factory=list)
    """Code cells that the master does not have, or has otherwise: the cell they follow, and the source."""
    notes: list[str] = field(default_factory=list)
    """What was odd, and what was made of it."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Why an answer that is there could not be used, by id."""
    failure: str = ""
    """Why nothing could be read."""
    text: str = ""
    """What a person can read of what could not be used."""
