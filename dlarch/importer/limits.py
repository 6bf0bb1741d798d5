"""What a submitted file may be: the texts of its cells count, their outputs do not."""

MAX_FILE = 128 << 20
"""Bytes of a file, with all that its cells printed and drew."""
MAX_TEXT = 32 << 20
"""Bytes of a notebook without its outputs."""
MAX_SCRIPT = 1 << 19
"""Bytes of a notebook as a script."""
MAX_TOKENS = 20_000_000
"""Strings and brackets that are looked at, outputs included."""
MAX_PIECES = 1_000_000
"""Strings and brackets outside of outputs."""
MAX_CELLS = 5_000
MAX_ANSWER = 200_000
"""Characters of one cell."""
MAX_SOURCES = 2 << 20
"""Characters of all cells."""
MAX_WRAPPINGS = 3
"""How often a notebook may be wrapped in something: a text, an archive, a model."""
