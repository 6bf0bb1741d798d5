"""The cells of a chapter's notebook as released, kept in its checks file."""

import bz2
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from safetensors import safe_open

from dlarch.importer.assignment import Assignment, Cell

KEY = "cells"
"""In the metadata of the file, compressed: bzip2 has one implementation, so equal cells are equal bytes."""


def with_cells(checks: bytes, cells: Iterable[Cell]) -> bytes:
    """Put cells into the content of a checks file, the same bytes for the same content.

    Args:
        checks: what `dlarch.checks_file.save` wrote.
        cells: of the notebook that learners get.
    """
    length = int.from_bytes(checks[:8], "little")
    header = json.loads(checks[8 : 8 + length])
    packed = bz2.compress(json.dumps([asdict(cell) for cell in cells]).encode())
    header["__metadata__"][KEY] = b64encode(packed).decode()
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # where the arrays begin is a multiple of 8
    return len(text).to_bytes(8, "little") + text + checks[8 + length :]


def read_released(checks: Path, chapter: str) -> Assignment | None:
    """Read the cells of a chapter from its checks file; None of a file without any."""
    with safe_open(checks, framework="numpy") as file:
        packed = file.metadata().get(KEY)
    if packed is None:
        return None
    cells = json.loads(bz2.decompress(b64decode(packed)))
    return Assignment(chapter, tuple(Cell(**cell) for cell in cells))
