"""Is an archive whose only notebook wants to be unpacked elsewhere; its bytes alone are read."""

import json

FAILS = set()


def submit(work):
    import io
    import zipfile

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("../../../../../../tmp/hostile.ipynb", json.dumps(work.notebook))
    work.raw = archive.getvalue()
