"""A zip archive with one notebook in it, unpacked to no more than a notebook may be."""

import io
import zipfile
import zlib
from pathlib import PurePosixPath

from dlarch.importer.errors import UnreadableError
from dlarch.importer.limits import MAX_FILE

MOST_ENTRIES = 1_000
OFFICE = ("word/", "xl/", "ppt/", "[Content_Types].xml", "mimetype")


def is_archive(content: bytes) -> bool:
    """Say whether bytes begin as a zip archive does."""
    return content.startswith((b"PK\3\4", b"PK\5\6"))


def only_notebook(content: bytes) -> tuple[str, bytes]:
    """Give name and bytes of the only notebook in an archive.

    Raises:
        UnreadableError: there is none, or several, or it unpacks to too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise UnreadableError(f"is a zip archive of more than {MOST_ENTRIES} files")
            if any(entry.filename.startswith(OFFICE) for entry in entries):
                raise UnreadableError("is a document of an office program, not a notebook")
            found = [entry for entry in entries if _is_notebook(entry.filename)]
            if len(found) != 1:
                what = "no notebook" if not found else f"{len(found)} notebooks"
                raise UnreadableError(
                    f"is a zip archive with {what}: hand in the .ipynb file itself"
                )
            with archive.open(found[0]) as file:
                unpacked = file.read(MAX_FILE + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, EOFError):
        raise UnreadableError("is a zip archive that is damaged or locked") from None
    except (ValueError, OverflowError, KeyError, MemoryError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError("is a zip archive that is damaged") from None
    if len(unpacked) > MAX_FILE:
        raise UnreadableError(f"is a zip archive that unpacks to more than {MAX_FILE >> 20} MiB")
    return PurePosixPath(found[0].filename).name, unpacked


def _is_notebook(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part != ".." and part.startswith((".", "__MACOSX")) for part in path.parts)
    return not hidden and ".ipynb" in path.name.lower()
