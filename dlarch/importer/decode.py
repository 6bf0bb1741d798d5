"""From bytes to the cells of a notebook, or to the reason why there are none."""

import base64
import binascii
from dataclasses import dataclass, field

import nbformat

from dlarch.importer import json_text
from dlarch.importer.archives import is_archive, only_notebook
from dlarch.importer.conflicts import has_conflict, versions
from dlarch.importer.encodings import AROUND, to_text, to_utf8
from dlarch.importer.errors import UnreadableError
from dlarch.importer.foreign import foreign_kind
from dlarch.importer.limits import MAX_FILE, MAX_WRAPPINGS
from dlarch.importer.scripts import read_script

WRAPPED = ("content", "notebook", "blob", "data", "source", "body", "file")
"""Keys under which other programs keep a notebook: JupyterLite's model, answers of web interfaces."""
CUT_OFF = "is damaged: it is cut off {place}. Save it again, and hand it in again"


@dataclass
class Document:
    """The cells of a notebook as its JSON has them."""

    cells: list[object]
    notes: list[str] = field(default_factory=list)
    other: list[object] | None = None
    """The cells of the other version, where Git left two."""


def decode(content: bytes, wrappings: int = 0) -> Document:
    """Read a notebook of any form.

    Raises:
        UnreadableError: with the cause by name.
    """
    if len(content) > MAX_FILE:
        raise UnreadableError(f"is larger than {MAX_FILE >> 20} MiB")
    if wrappings > MAX_WRAPPINGS:
        raise UnreadableError("is packed in too many other files")
    if is_archive(content):
        name, inner = only_notebook(content)
        document = decode(inner, wrappings + 1)
        document.notes.insert(0, f"the notebook was taken out of a zip archive ({name})")
        return document
    kind = foreign_kind(content)
    if kind:
        raise UnreadableError(kind)
    content = to_utf8(content)
    kind = foreign_kind(content)
    if kind:
        raise UnreadableError(kind)
    if has_conflict(content):
        return _in_conflict(content, wrappings)
    if content[:1] in (b"{", b"[", b'"'):
        return _from_json(content, wrappings)
    if b"\0" in content:
        raise UnreadableError("is no text and no notebook")
    begin = content[:4096].find(b'{\n "cells"')
    if begin > 0:  # something stands before the notebook
        return _from_json(content[begin:], wrappings)
    text, odd = to_text(content)
    if text.strip(AROUND).isdecimal():
        raise UnreadableError("is damaged: it holds a number, not a notebook")
    notes = ["the file is a script made from a notebook: its cells were taken from there"]
    return Document(read_script(text), notes + _of_odd(odd))


def _from_json(content: bytes, wrappings: int) -> Document:
    skimmed = json_text.skim(content)
    text, odd = to_text(skimmed.content)
    try:
        value, rest = json_text.parse(text)
    except (RecursionError, MemoryError):
        raise UnreadableError("is damaged: its JSON is nested too deeply") from None
    except ValueError as error:
        if content[:1] != b"{" and _is_script(text):
            return Document(read_script(text), _of_odd(odd))
        raise _damaged(text, skimmed.whole, error) from None
    document = _from_value(value, wrappings)
    document.notes += _of_odd(odd)
    if rest:
        document.notes.append("text that follows the end of the notebook was left out")
    return document


def _from_value(value: object, wrappings: int) -> Document:
    """Find the notebook in a JSON value: itself, or wrapped in a text, a list or a model."""
    if isinstance(value, dict) and isinstance(value.get("cells"), list):
        return Document(value["cells"])
    if isinstance(value, dict) and isinstance(value.get("worksheets"), list):
        return Document(_upgraded(value))
    for inner in _wrapped(value):
        if isinstance(inner, str):
            return decode(inner.encode(errors="replace"), wrappings + 1)
        if wrappings < MAX_WRAPPINGS:
            return _from_value(inner, wrappings + 1)
    what = {dict: "an object", list: "a list"}.get(type(value), "a single value")
    raise UnreadableError(
        f"is damaged: it is not a whole Jupyter notebook, its JSON is {what} without cells"
    )


def _wrapped(value: object) -> list[object]:
    if isinstance(value, str) and value.lstrip("\ufeff" + AROUND)[:1] in ("{", "[", '"'):
        return [value]
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        return value
    if not isinstance(value, dict):
        return []
    for key in WRAPPED:
        inner = value.get(key)
        if isinstance(inner, dict) and inner:
            return [inner]
        if isinstance(inner, str) and "base64" in (value.get("format"), value.get("encoding")):
            try:
                return [base64.b64decode(inner).decode(errors="replace")]
            except (binascii.Error, ValueError):
                return []
        if isinstance(inner, str) and inner.lstrip("\ufeff" + AROUND)[:1] == "{":
            return [inner]
    return []


def _upgraded(notebook: dict) -> list[object]:
    """Give the cells of a notebook of format 2 or 3, upgraded by nbformat."""
    sheets = notebook["worksheets"]
    if not any(isinstance(sheet, dict) and sheet.get("cells") for sheet in sheets):
        return []
    cells = [
        cell
        for sheet in sheets
        if isinstance(sheet, dict)
        for cell in (sheet.get("cells") if isinstance(sheet.get("cells"), list) else [])
        if isinstance(cell, dict)
    ]
    for cell in cells:
        cell.setdefault("metadata", {})
        if cell.get("cell_type") == "code":
            cell["outputs"] = []
            cell.setdefault("language", "python")
            cell.setdefault("collapsed", False)
            if isinstance(cell.get("input"), list):
                cell["input"] = "".join(map(str, cell["input"]))
        elif isinstance(cell.get("source"), list):
            cell["source"] = "".join(map(str, cell["source"]))
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    try:
        return nbformat.v4.upgrade(nbformat.from_dict(old)).cells
    except Exception:
        raise UnreadableError("is damaged: it is of an old format and not whole") from None


def _in_conflict(content: bytes, wrappings: int) -> Document:
    """Read both versions of a notebook that Git could not merge."""
    both = versions(content)
    if not both:
        raise UnreadableError("is damaged: it holds Git's conflict markers, and they do not match")
    try:
        ours, theirs = (decode(version, wrappings + 1) for version in both)
    except UnreadableError as error:
        raise UnreadableError(
            f"is damaged: it holds Git's conflict markers, and one of its versions {error}"
        ) from None
    ours.other = theirs.cells
    return ours


def _damaged(text: str, whole: bool, error: ValueError) -> UnreadableError:
    cells = json_text.whole_cells(text)
    text = "\n\n".join(_sources(cells)) or text
    if whole:
        line = getattr(error, "lineno", 1)
        place = f"at line {line}, after cell {len(cells)}" if cells else f"at line {line}"
        return UnreadableError(f"is damaged: it is no JSON {place}", text)
    place = f"after cell {len(cells)}" if cells else "before its first cell"
    return UnreadableError(CUT_OFF.format(place=place), text)


def _sources(cells: list[object]) -> list[str]:
    """Give the texts of cells, for a person to read."""
    texts = [cell.get("source") for cell in cells if isinstance(cell, dict)]
    lines = [text if isinstance(text, list) else [text] for text in texts]
    return ["".join(line for line in text if isinstance(line, str)) for text in lines]


def _is_script(text: str) -> bool:
    return "\ndef " in text or "# %%" in text


def _of_odd(odd: bool) -> list[str]:
    if not odd:
        return []
    return ["some characters are not in UTF-8: they were read as Windows writes them"]
