"""Pictures that a learner pasted into a written answer."""

import base64
import binascii

STARTS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
"""The types that are shown, and how their data begin."""

MAX_PIXELS = 50_000_000
"""Of a PNG: a small file can unfold to gigabytes where it is shown."""

Attachments = dict[str, dict[str, str]]
"""As the notebook's format has them: name, then MIME type, then base64."""


def pictures_in(attachments: object) -> Attachments:
    """Keep of a cell's attachments the pictures that are what they say.

    Args:
        attachments: whatever stands there.
    """
    kept: Attachments = {}
    for name, content in attachments.items() if isinstance(attachments, dict) else ():
        for mime, data in content.items() if isinstance(content, dict) else ():
            data = "".join(data) if _is_lines(data) else data
            if isinstance(name, str) and is_picture(mime, data):
                kept[name] = {mime: "".join(data.split())}
    return kept


def is_picture(mime: object, data: object) -> bool:
    """Say whether base64 data begin as a picture of this type does, and of a size that can be shown."""
    if mime not in STARTS or not isinstance(data, str):
        return False
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    if not content.startswith(STARTS[mime]):
        return False
    if mime != "image/png":
        return True
    header = content[12:24]
    width, height = (int.from_bytes(header[at : at + 4], "big") for at in (4, 8))
    return header.startswith(b"IHDR") and 0 < width * height <= MAX_PIXELS


def _is_lines(data: object) -> bool:
    return isinstance(data, list) and all(isinstance(line, str) for line in data)
