"""Is an archive of sixty thousand notebooks."""

import io
import zipfile

FAILS = "all"
WALL = "archive of more than"


def submit(work):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(60_000):
            archive.writestr(f"{number}.ipynb", b"{}")
    work.raw = packed.getvalue()
