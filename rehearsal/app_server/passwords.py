"""Passwords at rest: scrypt (RFC 7914), because the rehearsal's PostgreSQL has no pgcrypto for Supabase's bcrypt."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

_LOG2_COST: Final = 13
_MOST_LOG2_COST: Final = 16
_BLOCK: Final = 8
_PREFIX: Final = "$scrypt$"


def hash_password(password: str, salt: bytes) -> str:
    """``$scrypt$ln=…,r=8,p=1$<salt>$<key>``, all base64; equal inputs give equal text."""
    return f"{_PREFIX}ln={_LOG2_COST},r={_BLOCK},p=1${_text(salt)}${_text(_key(password, salt, _LOG2_COST))}"


def verify(password: str, stored: str | None) -> bool:
    """Whether the password belongs to the stored text; takes as long for no text as for a wrong password."""
    salt, expected, cost = _parse(stored or "") or (b"nobody's salt", b"", _LOG2_COST)
    found = _key(password, salt, cost)
    return hmac.compare_digest(found, expected)


def _parse(stored: str) -> tuple[bytes, bytes, int] | None:
    parts = stored.removeprefix(_PREFIX).split("$")
    if not stored.startswith(_PREFIX) or len(parts) != 3:  # noqa: PLR2004 - cost, salt, key
        return None
    try:
        cost = int(parts[0].split(",")[0].removeprefix("ln="))
        salt, key = (base64.b64decode(part, validate=True) for part in parts[1:])
    except (ValueError, binascii.Error):
        return None
    return (salt, key, cost) if key and 0 < cost <= _MOST_LOG2_COST else None


def _key(password: str, salt: bytes, log2_cost: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=1 << log2_cost, r=_BLOCK, p=1, maxmem=1 << 27, dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
