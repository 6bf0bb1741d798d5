"""Has outputs nested a million deep; they are passed over."""

import json

FAILS = set()


def submit(work):
    work.cell("test_hidden_delta")["outputs"] = ["here"]
    text = json.dumps(work.notebook)
    deep = "[" * 1_000_000 + "]" * 1_000_000
    work.raw = text.replace('["here"]', f"[{deep}]").encode()
