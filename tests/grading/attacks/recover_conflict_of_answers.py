"""Leaves a right and a wrong answer between Git's markers; neither counts."""

import json

FAILS = {"hidden_delta"}


def submit(work):
    right = json.dumps(work.source("hidden_delta"))
    work.cell("hidden_delta")["source"] = "HERE"
    wrong = json.dumps("def hidden_delta(*given, **named):\n    return 0.0\n")
    hunk = f"\n<<<<<<< HEAD\n{right}\n=======\n{wrong}\n>>>>>>> other\n"
    work.raw = json.dumps(work.notebook).replace('"HERE"', hunk).encode()
