"""Is an archive with a notebook that unpacks to a gigabyte."""

FAILS = "all"


def submit(work):
    import io
    import zipfile

    archive = io.BytesIO()
    with (
        zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file,
        file.open("04_backpropagation.ipynb", "w", force_zip64=True) as entry,
    ):
        for _ in range(64):
            entry.write(bytes(16 << 20))
    work.raw = archive.getvalue()
