"""Is cut off in the middle."""

import json

FAILS = "all"


def submit(work):
    whole = json.dumps(work.notebook).encode()
    work.raw = whole[: len(whole) // 2]
