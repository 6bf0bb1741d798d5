"""Zip archives for learners, equal where their content is."""

import zipfile
from pathlib import Path

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive: zip knows none before."""


def write_zip(archive: Path, files: dict[str, bytes]) -> None:
    """Write a zip of one folder, which has the archive's name.

    Args:
        archive: where, `<folder>.zip`.
        files: content by path inside the folder.
    """
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            entry = zipfile.ZipInfo(f"{archive.stem}/{name}", EARLIEST)
            entry.external_attr = 0o644 << 16
            file.writestr(entry, content, zipfile.ZIP_DEFLATED)
