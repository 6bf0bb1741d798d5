"""JSON as other programs leave it: outputs are skipped, not parsed; what follows the end is left out."""

import json
import re
from dataclasses import dataclass

from dlarch.importer.errors import UnreadableError
from dlarch.importer.limits import MAX_PIECES, MAX_TEXT, MAX_TOKENS

TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]|"', re.DOTALL)
SKIPPED = (b'"outputs"', b'"widgets"')
"""Keys whose values are never parsed: what cells showed, and the state of widgets."""
COLON = re.compile(rb"\s*:\s*(?=[\[{])")
CELLS = re.compile(r'"cells"\s*:\s*\[')
SPACE = re.compile(r"[\s,]*")
DIGITS = 18


@dataclass(frozen=True)
class Skimmed:
    """A JSON text without its outputs."""

    content: bytes
    whole: bool
    """False when the text ends inside of a string or of brackets."""


def skim(content: bytes) -> Skimmed:
    """Cut the values of outputs out of a JSON text, without parsing it.

    Raises:
        UnreadableError: there is too much of it.
    """
    kept: list[bytes] = []
    start = depth = pieces = 0
    skipped_at = -1
    previous = (b"", 0)
    for tokens, match in enumerate(TOKEN.finditer(content)):
        token = match.group()
        pieces += skipped_at < 0
        if tokens > MAX_TOKENS or pieces > MAX_PIECES:
            raise UnreadableError("is made of more pieces than a notebook may have")
        if token == b'"':  # a string that does not end
            depth += 1
            break
        if token in b"[{":
            depth += 1
            key, end = previous
            colon = COLON.match(content, end) if skipped_at < 0 and key in SKIPPED else None
            if colon and colon.end() == match.start():
                skipped_at = depth
                kept += [content[start : match.start()], b"[]" if token == b"[" else b"{}"]
                start = len(content)
        elif token in b"]}":
            if depth == skipped_at:
                skipped_at, start = -1, match.end()
            depth -= 1
            if depth == 0:  # the end: what follows is not looked at
                break
        previous = (token, match.end()) if len(token) < 16 else (b"", 0)
    kept.append(content[start:])
    text = b"".join(kept)
    if len(text) > MAX_TEXT:
        raise UnreadableError(f"is larger than {MAX_TEXT >> 20} MiB without its outputs")
    return Skimmed(text, depth <= 0)


def parse(text: str) -> tuple[object, str]:
    """Read the JSON value that a text begins with; give it and what follows it.

    Raises:
        ValueError: it is no JSON.
        RecursionError, MemoryError: it is nested too deeply.
    """
    decoder = json.JSONDecoder(parse_int=_integer, strict=False)
    begin = len(text) - len(text.lstrip())
    value, end = decoder.raw_decode(text, begin)
    return value, text[end:].strip(" \t\r\n\0\x1a")


def whole_cells(text: str) -> list[object]:
    """Read the cells of a damaged notebook that stand whole before the damage."""
    decoder = json.JSONDecoder(parse_int=_integer, strict=False)
    begin = CELLS.search(text)
    cells: list[object] = []
    place = begin.end() if begin else len(text)
    while place < len(text):
        try:
            place = SPACE.match(text, place).end()
            cell, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError, MemoryError):
            break
        cells.append(cell)
    return cells


def _integer(digits: str) -> int:
    """Read an integer; one that no notebook has becomes 0, because long ones take long to read."""
    return int(digits) if len(digits) <= DIGITS else 0
