"""Git's conflict markers: the two versions of a file that holds them."""

import re

HUNK = re.compile(
    rb"^<<<<<<<[^\n]*\n(?P<ours>.*?)(?:^\|\|\|\|\|\|\|[^\n]*\n.*?)?^=======\r?\n(?P<theirs>.*?)"
    rb"^>>>>>>>[^\n]*(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
BEGIN = re.compile(rb"^<<<<<<< ?", re.MULTILINE)
MOST_HUNKS = 5_000


def has_conflict(content: bytes) -> bool:
    """Say whether a line of a text begins a conflict."""
    return BEGIN.search(content) is not None


def versions(content: bytes) -> list[bytes]:
    """Give both versions of a text with conflicts; none when its markers do not fit together."""
    if len(BEGIN.findall(content)) > MOST_HUNKS:
        return []
    both = [HUNK.sub(lambda match, side=side: match[side], content) for side in ("ours", "theirs")]
    return [] if any(has_conflict(version) for version in both) else both
