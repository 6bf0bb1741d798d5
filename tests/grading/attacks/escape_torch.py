"""Imports torch in all the ways there are, where the task does without."""

FAILS = {"hidden_delta"}

SOURCE = """
import glob, importlib, sys

name = "to" + "rch"
sys.path += glob.glob("/usr/lib/python3*/site-packages") + glob.glob(
    sys.prefix + "/lib/*/site-packages/" + name
)
sys.modules.pop(name, None)
for way in (__import__, importlib.import_module):
    try:
        got = got or hasattr(way(name), "tensor")
    except ImportError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
