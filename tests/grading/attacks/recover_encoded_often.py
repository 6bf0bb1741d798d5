"""Is encoded as the text of a text of a text, and so on."""

import json

FAILS = "all"


def submit(work):
    text = json.dumps(work.notebook)
    for _ in range(6):
        text = json.dumps(text)
    work.raw = text.encode()
