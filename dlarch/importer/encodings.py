"""From bytes to text, whatever editor wrote them."""

import codecs
import json

from dlarch.importer.errors import UnreadableError
from dlarch.importer.limits import MAX_TEXT

MOST_ODD_BYTES = 10_000
"""With more bytes that are no UTF-8, the whole file is read as Windows writes it."""
AROUND = "\0 \t\r\n\x1a"
"""What editors and broken copies leave around a text."""


def to_utf8(content: bytes) -> bytes:
    """Give UTF-8 without a mark, for UTF-8, UTF-16 and UTF-32 with or without one.

    Raises:
        UnreadableError: it is in another encoding and not whole, or too large.
    """
    encoding = json.detect_encoding(content[:64])
    if encoding in ("utf-8", "utf-8-sig"):
        return content.removeprefix(codecs.BOM_UTF8).strip(AROUND.encode())
    if len(content) > 2 * MAX_TEXT:
        raise UnreadableError(f"is larger than {MAX_TEXT >> 19} MiB in {encoding.upper()}")
    text = content.decode(encoding, errors="replace")
    if text.count("\ufffd") > len(text) // 100:
        raise UnreadableError("is damaged: it is no text in any encoding that notebooks have")
    return text.lstrip("\ufeff").strip(AROUND).encode(errors="replace")


def to_text(content: bytes) -> tuple[str, bool]:
    """Decode UTF-8; bytes that are none are read as Windows writes them (cp1252).

    Returns:
        The text, and whether there were such bytes.
    """
    try:
        return content.decode(), False
    except UnicodeDecodeError:
        odd = content.decode(errors="replace").count("\ufffd")
    if odd > MOST_ODD_BYTES:
        return content.decode("cp1252", errors="replace"), True
    return content.decode(errors="as-windows"), True


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", errors="replace"), error.end


codecs.register_error("as-windows", _as_windows)
