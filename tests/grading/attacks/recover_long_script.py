"""Is a script of megabytes, where a notebook was expected."""

FAILS = "all"


def submit(work):
    work.raw = b"# %%\ndef hidden_delta(*given):\n    return 0\n" * 50_000
