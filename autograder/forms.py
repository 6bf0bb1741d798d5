"""What a graded task asks of the learner: the forms of an exercise."""

FORMS = {
    "transcribe": "a printed formula is typed: what a chapter should have little of",
    "write": "a method, an algorithm or a design is made from what was explained",
    "mend": "a working function with slips of the bank is given: find and mend them",
    "predict": "what a cell is going to show is said before it is run",
    "identify": "from curves, paths or outputs, say which rule or which slip made them",
    "derive": "the formula is found; the page has it folded away until the check is passed",
    "design": "the smallest, largest or cheapest that still meets a condition is found",
}
"""Each form and what it asks."""

TITLES = {
    "mend": "Find the slip",
    "predict": "Predict",
    "identify": "Identify",
    "derive": "Derive",
    "design": "Design",
}
"""What the page's box of an exercise is called, where that is not simply an exercise."""
