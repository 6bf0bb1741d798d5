"""Numbers its answer true, 1.0, text and null."""

FAILS = {"hidden_delta"}

SOURCE = """
for odd in (True, 1.0, "1", None):
    raw(frame(answer(number=json.dumps(odd))))
"""


def submit(work):
    work.at_the_socket(SOURCE)
