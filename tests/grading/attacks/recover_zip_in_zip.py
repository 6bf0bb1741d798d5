"""Is an archive in an archive in an archive, and so on."""

import json

FAILS = "all"


def submit(work):
    import io
    import zipfile

    content = json.dumps(work.notebook).encode()
    for _ in range(8):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("04_backpropagation.ipynb", content)
        content = archive.getvalue()
    work.raw = content
