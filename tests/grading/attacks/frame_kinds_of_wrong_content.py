"""Gives kinds contents of other types."""

FAILS = {"hidden_delta"}

SOURCE = """
for value in (
    {"array": 1},
    {"array": ["0"]},
    {"list": {}},
    {"dict": []},
    {"float": []},
    {"foreign": {"a": 1}},
):
    raw(frame(answer(json.dumps(value))))
"""


def submit(work):
    work.at_the_socket(SOURCE)
