"""Is a zip archive."""

FAILS = "all"


def submit(work):
    import io
    import zipfile

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("../../../hostile.txt", bytes(10 << 20))
    work.raw = archive.getvalue()
