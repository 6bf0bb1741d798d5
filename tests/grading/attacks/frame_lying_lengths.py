"""Gives lengths of JSON and arrays that do not fit what comes."""

FAILS = {"hidden_delta"}

SOURCE = """
content = frame(answer())
for first, second in (
    (10, len(content) - 18),
    (len(content), 8),
    (0, len(content) - 8),
    (len(content) - 8, 0),
):
    raw(struct.pack(">II", first, second) + content[8:])
"""


def submit(work):
    work.at_the_socket(SOURCE)
