"""Runs shell commands by magics and moves elsewhere."""

FAILS = set()


def submit(work):
    work.before(
        "hidden_delta", "!touch $lure/open/hostile $classroom/hostile\n%cd /\n%env HOME=/tmp\n"
    )
