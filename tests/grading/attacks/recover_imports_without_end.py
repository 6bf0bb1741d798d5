"""Has an answer of 20,000 imports, which are compared with each other."""

FAILS = set()
WALL = "left out"


def submit(work):
    work.before("hidden_delta", "import a\n" * 20_000)
