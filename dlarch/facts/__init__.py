"""Facts: what follows from a driver's record, the half of a driver that no learner's code runs beside.

A function here has the name of the driver whose record it reads, `facts(record, **arguments)`, and gives
what is compared with the reference's. In grading it runs in the checker, on whatever a learner's process
claims to be a record: it trusts nothing, bounds its work, and raises UnreadableError, with what was
expected and what came, where a record is of another kind. A driver without facts is compared as recorded.
"""
