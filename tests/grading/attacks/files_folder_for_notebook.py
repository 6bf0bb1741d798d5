"""Has a folder where the notebook should be."""

FAILS = "all"


def submit(work):
    work.files["04_backpropagation.ipynb/file"] = b""
