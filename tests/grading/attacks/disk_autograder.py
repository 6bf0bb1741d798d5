"""Reads the staff's package and its tests."""

FAILS = {"hidden_delta"}

SOURCE = """
import glob, os

for pattern in ["$root/autograder/**/*.py", "$root/tests/**/*.py"]:
    for path in glob.glob(pattern, recursive=True, include_hidden=True):
        try:
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    got = got or bool(file.read(1))
        except OSError:
            pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
