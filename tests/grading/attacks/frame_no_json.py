"""Sends Python, a pickle and random bytes for JSON."""

FAILS = {"hidden_delta"}

SOURCE = """
import pickle

for content in (b"__import__('os').abort()", pickle.dumps(print), os.urandom(500)):
    raw(frame(content))
"""


def submit(work):
    work.at_the_socket(SOURCE)
