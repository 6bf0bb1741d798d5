"""Is an archive whose method asks for a dictionary of 4 GB."""

import io
import json
import zipfile

FAILS = "all"


def submit(work):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("04_backpropagation.ipynb", json.dumps(work.notebook))
    content = packed.getvalue()
    at = content.index(b"\x09\x04\x05\x00") + 5  # the size of the dictionary follows
    work.raw = content[:at] + b"\xff\xff\xff\xff" + content[at + 4 :]
