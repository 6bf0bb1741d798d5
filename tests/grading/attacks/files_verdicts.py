"""Brings verdicts, a gradebook and feedback of its own."""

FAILS = {"hidden_delta"}


def submit(work):
    work.wrong()
    for name in (
        "verdicts/secret",
        "verdicts/salt",
        "results.json",
        "gradebook.db",
        "04_backpropagation.html",
    ):
        work.files[name] = b'{"points": 2.0, "status": "pass"}'
