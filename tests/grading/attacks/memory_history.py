"""Reads the source of tests from In, Out, _ih and IPython's history."""

FAILS = {"hidden_delta"}

SOURCE = """
shell = get_ipython()
texts = [
    str(item) for name in ("In", "Out", "_ih", "_oh") for item in [shell.user_ns.get(name)]
]
texts += [str(list(shell.history_manager.get_range()))]
got = any(holds(text) or "assert" in text for text in texts)
"""


def submit(work):
    work.answer_if_got(SOURCE)
