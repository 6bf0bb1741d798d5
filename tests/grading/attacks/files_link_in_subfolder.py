"""Has a link to another learner's notebook in a folder below, and none of its own."""

FAILS = "all"


def submit(work):
    work.files["mine/notes.txt"] = b"see the other file"
    work.links["mine/work.ipynb"] = (
        "$classroom/submitted/ada/04_backpropagation/04_backpropagation.ipynb"
    )
