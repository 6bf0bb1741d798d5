"""Displays thousands of outputs."""

FAILS = set()

SOURCE = """
from IPython.display import HTML, display

for number in range(3000):
    display(HTML("<b>flood</b>" * 100))
"""


def submit(work):
    work.before("hidden_delta", SOURCE)
