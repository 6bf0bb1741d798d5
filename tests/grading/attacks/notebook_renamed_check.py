"""Gives a wrong answer the name of a right one's check."""

FAILS = {"hidden_delta"}


def submit(work):
    work.wrong()
    work.cell("hidden_delta")["metadata"]["nbgrader"]["grade_id"] = "test_hidden_delta"
    work.cell("hidden_delta")["id"] = "test_hidden_delta"
