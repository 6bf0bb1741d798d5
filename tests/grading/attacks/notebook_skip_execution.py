"""Tags the checks skip-execution, which nbclient obeys, over a wrong answer."""

FAILS = {"hidden_delta"}


def submit(work):
    work.wrong()
    for cell in work.notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "remove-cell"]
