"""Reads the classroom: other submissions, verdicts, the instructor's secret."""

FAILS = {"hidden_delta"}

SOURCE = """
import glob, os

for pattern in ["$classroom/**/*"]:
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
