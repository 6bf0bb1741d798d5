"""Reads the source of the caller from linecache and inspect."""

FAILS = {"hidden_delta"}

SOURCE = """
import inspect, linecache, sys

word = "def _right_" + chr(104) + "idden"
texts = ["".join(lines[2]) for lines in linecache.cache.values() if len(lines) > 2]
for module in list(sys.modules.values()):
    try:
        texts.append(inspect.getsource(module))
    except (OSError, TypeError):
        pass
got = any(holds(text) or word in text for text in texts)
"""


def submit(work):
    work.answer_if_got(SOURCE)
