"""Why a file could not be read."""


class UnreadableError(ValueError):
    """A file with no notebook in it; the message completes "the notebook …".

    Args:
        reason: what the file is, and what to do.
        text: what of it a person can read.
    """

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(reason)
        self.text = text
