"""Has NaN and infinity in its metadata."""

FAILS = set()


def submit(work):
    work.notebook["metadata"] = {"points": float("nan"), "score": float("inf"), "kernelspec": None}
