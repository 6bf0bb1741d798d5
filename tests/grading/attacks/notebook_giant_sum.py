"""Has an answer whose syntax tree is deep."""

FAILS = {"hidden_delta"}


def submit(work):
    work.before("hidden_delta", "total = " + "+".join(["1"] * 60_000))
