"""Nests keys so that the paths of leaves grow."""

FAILS = {"hidden_delta"}

SOURCE = """
inner = '{"list":[' + ",".join(["1"] * 10_000) + "]}"
for level in range(15):
    inner = '{"dict":{"' + "k" * 90 + '":' + inner + "}}"
raw(frame(answer(inner)))
"""


def submit(work):
    work.at_the_socket(SOURCE)
