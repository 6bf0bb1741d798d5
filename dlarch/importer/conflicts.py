"""Git's conflict markers: the two versions of a file that holds them."""

import re

MARK = re.compile(rb"^(<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)[^\n]*(?:\n|\Z)", re.MULTILINE)
BEGIN = re.compile(rb"^<<<<<<<", re.MULTILINE)
MOST_MARKS = 20_000
SIDES = {b"<<<<<<<": "ours", b"|||||||": "base", b"=======": "theirs", b">>>>>>>": "both"}
"""Which version the lines after a mark belong to."""
AFTER = {"both": ("ours",), "ours": ("base", "theirs"), "base": ("theirs",), "theirs": ("both",)}


def has_conflict(content: bytes) -> bool:
    """Say whether a line of a text begins a conflict."""
    return BEGIN.search(content) is not None


def versions(content: bytes) -> list[bytes]:
    """Give both versions of a text with conflicts; none when its markers do not fit together."""
    parts: dict[str, list[bytes]] = {"ours": [], "theirs": []}
    side, start = "both", 0
    for number, mark in enumerate(MARK.finditer(content)):
        new = SIDES[mark[1]]
        if side == "both" and new != "ours":
            continue  # a line of signs, as a heading has one
        if new not in AFTER[side] or number > MOST_MARKS:
            return []
        for version in parts:
            if side in ("both", version):
                parts[version].append(content[start : mark.start()])
        side, start = new, mark.end()
    if side != "both":
        return []
    return [b"".join([*found, content[start:]]) for found in parts.values()]
