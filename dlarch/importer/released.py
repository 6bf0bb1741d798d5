"""The cells of a chapter's notebook as released, kept in its checks file."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from safetensors import safe_open
from safetensors.numpy import load, save

from dlarch.importer.assignment import Assignment, Cell

KEY = "cells"
"""In the metadata of the file."""


def with_cells(checks: bytes, cells: Iterable[Cell]) -> bytes:
    """Put cells into the content of a checks file.

    Args:
        checks: what `dlarch.checks_file.save` wrote.
        cells: of the notebook that learners get.
    """
    length = int.from_bytes(checks[:8], "little")
    metadata = json.loads(checks[8 : 8 + length])["__metadata__"]
    return save(
        load(checks), metadata=metadata | {KEY: json.dumps([asdict(cell) for cell in cells])}
    )


def read_released(checks: Path, chapter: str) -> Assignment | None:
    """Read the cells of a chapter from its checks file; None of a file without any."""
    with safe_open(checks, framework="numpy") as file:
        cells = json.loads(file.metadata().get(KEY, "[]"))
    return Assignment(chapter, tuple(Cell(**cell) for cell in cells)) if cells else None
