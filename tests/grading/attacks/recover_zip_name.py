"""Is an archive whose notebook has a name that acts on a terminal."""

import io
import json
import zipfile

FAILS = set()
WALL = "taken out of a zip archive"


def submit(work):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("\x1b[2J\x07\u202e" + "x" * 2000 + ".ipynb", json.dumps(work.notebook))
    work.raw = packed.getvalue()
