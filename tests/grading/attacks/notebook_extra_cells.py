"""Adds cells that end the process, before and after every cell."""

FAILS = set()


def submit(work):
    extra = {
        "cell_type": "code",
        "metadata": {},
        "source": "import os\nos._exit(0)",
        "id": "extra",
        "outputs": [],
    }
    work.notebook["cells"] = [
        item for cell in work.notebook["cells"] for item in (extra, cell, extra)
    ]
