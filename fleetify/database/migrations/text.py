"""SQL as text: bytes to characters, line ends, comments and quotes. No grammar: that is ``sql.py``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fleetify.database.migrations.faults import Fault

BOM = b"\xef\xbb\xbf"

# PostgreSQL's own white space (scan.l); Python's \s would also take a no-break space, which the server refuses.
_SPACE_OR_COMMENT = re.compile(r"(?:[ \t\n\r\f\v]++|--[^\n]*+)*+")
_SEPARATORS = re.compile(r"[ \t\n\r\f\v;]*+")
_BLOCK_COMMENT_EDGE = re.compile(r"/\*|\*/")
_REGION_START = re.compile(r"--|/\*|['\"]|\$(?:[A-Za-z_\x80-\U0010ffff][\w]*)?\$|[A-Za-z_0-9\x80-\U0010ffff][\w$]*")
_QUOTE_END = re.compile(r"(?:[^']++|'')*+'")
_ESCAPED_QUOTE_END = re.compile(r"(?:[^'\\]++|\\.|'')*+'", re.DOTALL)
_IDENTIFIER_END = re.compile(r'(?:[^"]++|"")*+"')


def decode(content: bytes, path: str) -> str | Fault:
    """The text of a file, line ends normalised to ``\\n``; a fault where it is not clean UTF-8.

    A byte order mark is dropped. NUL is refused: PostgreSQL's protocol ends a string there, so that the rest of the
    file would silently not run.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Fault(path, "the file is not UTF-8.", "a UTF-16 byte order mark", _convert("UTF-16", path))
    body = content[len(BOM) :] if content.startswith(BOM) else content
    nul = body.find(b"\0")
    if nul >= 0:
        return Fault(
            f"{path}:{_line_of(body, nul)}",
            "the file holds a NUL byte, which no SQL text can hold.",
            f"byte 0x00 at {_where(body, nul)}",
            "remove the byte, or restore the file from version control if it is damaged",
        )
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return Fault(
            f"{path}:{_line_of(body, error.start)}",
            "the file is not valid UTF-8.",
            f"byte 0x{body[error.start]:02x} at {_where(body, error.start)}",
            _convert("WINDOWS-1252", path),
        )
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _convert(encoding: str, path: str) -> str:
    return f"save it as UTF-8, for instance: iconv -f {encoding} -t UTF-8 '{path}'"


def _line_of(body: bytes, offset: int) -> int:
    return body.count(b"\n", 0, offset) + 1


def _where(body: bytes, offset: int) -> str:
    column = offset - body.rfind(b"\n", 0, offset)
    return f"line {_line_of(body, offset)}, byte {column} of the line"


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """The 1-based line and column of a character offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def skip_comments(text: str, start: int = 0) -> int:
    """The offset of the first character from ``start`` on that is neither white space nor in a comment."""
    while True:
        match = _SPACE_OR_COMMENT.match(text, start)
        start = match.end() if match else start
        if not text.startswith("/*", start):
            return start
        start = _block_comment_end(text, start)


def has_statement(text: str) -> bool:
    """Whether there is anything to run: more than comments, white space and semicolons."""
    start = 0
    while True:
        start = skip_comments(text, start)
        match = _SEPARATORS.match(text, start)
        end = match.end() if match else start
        if end == start:
            return start < len(text)
        start = end


def _block_comment_end(text: str, start: int) -> int:
    """Where the block comment that opens at ``start`` closes; they nest. The end of the text if it never does."""
    depth = 0
    for edge in _BLOCK_COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(text)


def regions(text: str) -> Iterator[tuple[str, int, int]]:
    """The stretches that are not plain SQL: ``(kind, start, end)``, kind ``comment``, ``string`` or ``identifier``.

    Follows PostgreSQL's lexer with ``standard_conforming_strings`` on. An unterminated one reaches to the end.
    """
    position, size = 0, len(text)
    while position < size:
        match = _REGION_START.search(text, position)
        if match is None:
            return
        start, opening = match.start(), match.group()
        if opening == "--":
            end = text.find("\n", start)
            position = size if end < 0 else end
            yield "comment", start, position
        elif opening == "/*":
            position = _block_comment_end(text, start)
            yield "comment", start, position
        elif opening == '"':
            position = _end(_IDENTIFIER_END, text, match.end())
            yield "identifier", start, position
        elif opening == "'":
            position = _end(_QUOTE_END, text, match.end())
            yield "string", start, position
        elif opening.startswith("$"):
            end = text.find(opening, match.end())
            position = size if end < 0 else end + len(opening)
            yield "string", start, position
        elif opening in {"e", "E"} and text.startswith("'", match.end()):
            position = _end(_ESCAPED_QUOTE_END, text, match.end() + 1)
            yield "string", start, position
        else:
            position = match.end()


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else len(text)


def blank(text: str, *kinds: str) -> str:
    """The text with its regions of these kinds replaced by spaces; offsets and line ends stay."""
    parts, position = [], 0
    for kind, start, end in regions(text):
        if kind in kinds:
            parts.append(text[position:start])
            parts.append(re.sub(r"[^\n]", " ", text[start:end]))
            position = end
    parts.append(text[position:])
    return "".join(parts)
