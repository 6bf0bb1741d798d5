"""Names a long list by a key of a megabyte, which every path in it repeats."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(
    frame(
        answer('{"dict":{"' + "k" * 1_000_000 + '":{"list":[' + ",".join(["1"] * 1000) + "]}}}")
    )
)
"""


def submit(work):
    work.at_the_socket(SOURCE)
