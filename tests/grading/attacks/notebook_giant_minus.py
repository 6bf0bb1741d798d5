"""Has an answer that nests unary operators."""

FAILS = {"hidden_delta"}


def submit(work):
    work.before("hidden_delta", "total = " + "-" * 50_000 + "1")
