"""Downloads the answer from the staff's server."""

FAILS = {"hidden_delta"}
WALL = "not implemented"

SOURCE = """
import urllib.request

got = holds(urllib.request.urlopen("http://127.0.0.1:$port/answers", timeout=1).read())
"""


def submit(work):
    work.answer_if_got(SOURCE)
