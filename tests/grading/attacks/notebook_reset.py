"""Empties the namespace by a magic: what it had before is gone."""

FAILS = {"output_delta"}


def submit(work):
    work.before(
        "hidden_delta", "%load_ext autoreload\n%autoreload 2\n%reset -f\nimport numpy as np\n"
    )
