"""Is a link to all of another learner's submissions."""

FAILS = "all"


def submit(work):
    work.links[".."] = "$classroom/submitted/ada"
