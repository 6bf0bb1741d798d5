"""Gives itself extra credit in the gradebook."""

FAILS = {"hidden_delta"}

SOURCE = """
import sqlite3, os

for path in ("$classroom/gradebook.db", "../../../gradebook.db", "../../gradebook.db"):
    if os.path.exists(path):
        with sqlite3.connect(path) as gradebook:
            gradebook.execute("update grade set extra_credit = 100")
        got = True
"""


def submit(work):
    work.answer_if_got(SOURCE)
