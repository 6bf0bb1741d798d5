"""Answers as the other side of a test cell would: with a call and a score."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(
    frame(
        answer(
            call='"os.system"',
            positional='{"list":["touch $lure/open/hostile"]}',
            score="100.0",
        )
    )
)
"""


def submit(work):
    work.at_the_socket(SOURCE)
