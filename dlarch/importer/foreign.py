"""What a file is that is no notebook: its cause by name, from how it begins."""

AGAIN = "hand in the .ipynb file itself"

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "is a PDF document"),
    (b"\x89PNG", "is a picture"),
    (b"\xff\xd8\xff", "is a picture"),
    (b"GIF8", "is a picture"),
    (b"\x1f\x8b", "is a gzip archive"),
    (b"7z\xbc\xaf", "is a 7z archive"),
    (b"Rar!", "is a RAR archive"),
    (b"BZh", "is a bzip2 archive"),
    (b"\xfd7zXZ", "is an xz archive"),
    (b"{\\rtf", "is a Rich Text document"),
    (b"bplist", "is a link or a property list of macOS"),
    (b"\0\5\x16\7", "is a side file of macOS that holds no notebook"),
    (b"\0\5\x16\0", "is a side file of macOS that holds no notebook"),
    (b"SQLite format", "is a database"),
    (b"\x80\4", "is a pickle of Python"),
    (b"\xd0\xcf\x11\xe0", "is a document of Microsoft Office"),
    (b"[InternetShortcut]", "is a link to a web page"),
    (b"version https://git-lfs", "is a pointer of Git LFS: the file itself was not downloaded"),
    (b"diff --git", "is a difference that Git printed"),
    (b"From: ", "is a saved e-mail or web page"),
    (b"MIME-Version:", "is a saved e-mail or web page"),
)
HTML = (b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<script", b"<!--", b"<div", b"<svg")


def foreign_kind(content: bytes) -> str:
    """Say what a file is that is plainly something else; empty when it may be a notebook."""
    if not content.strip(b"\0 \t\r\n"):
        return "is empty" + (": it holds nothing but NUL bytes" if b"\0" in content else "")
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.lower().startswith(HTML):
        return f"is an HTML page, perhaps a preview or a sign-in page: {AGAIN}"
    if content[257:262] == b"ustar":
        return f"is a tar archive: {AGAIN}"
    for magic, kind in MAGIC:
        if start.startswith(magic):
            return f"{kind}: {AGAIN}"
    return ""
