"""Asks for a kernel of its own, with a command line."""

FAILS = set()


def submit(work):
    work.notebook["metadata"]["kernelspec"] = {
        "name": "../../hostile",
        "argv": ["touch", "hostile"],
        "language": "sh",
    }
    work.notebook["metadata"]["language_info"] = {"name": "<script>"}
