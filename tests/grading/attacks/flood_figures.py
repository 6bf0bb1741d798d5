"""Opens figures by the dozen and warns on standard error."""

FAILS = set()

SOURCE = """
import sys, warnings
import matplotlib.pyplot as plt

for number in range(25):
    plt.figure()
    warnings.warn("a warning costs no points")
    print("nor does this", file=sys.stderr)
"""


def submit(work):
    work.before("hidden_delta", SOURCE)
