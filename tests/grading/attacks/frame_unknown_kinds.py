"""Sends kinds that the protocol does not have."""

FAILS = {"hidden_delta"}

SOURCE = """
for kind in ("object", "pickle", "__class__", "ndarray", "eval", "", "Outcome", "Bound"):
    raw(frame(answer(json.dumps({kind: "x"}))))
"""


def submit(work):
    work.at_the_socket(SOURCE)
