"""Has an answer of 190,000 blank lines, in which magics are looked for from each on."""

FAILS = {"hidden_delta"}


def submit(work):
    work.before("hidden_delta", "\n" * 190_000 + "x y")
