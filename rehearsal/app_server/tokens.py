"""Tokens: JWT with HS256, with the claims that Supabase's auth helpers read."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import jwt

from rehearsal.app_server.errors import unauthorized

LIFETIME_SECONDS: Final = 8 * 3600
SHORTEST_SECRET: Final = 32
_AUDIENCE: Final = "authenticated"
_LONGEST_TOKEN: Final = 4096


@dataclass(frozen=True)
class Caller:
    """Whom a request comes from.

    Attributes:
        user_id: ``sub``.
        company_id: the active company of the company switch; None before one is chosen.
        expires: Unix time in seconds.
    """

    user_id: UUID
    company_id: UUID | None
    expires: int

    def claims(self) -> dict[str, Any]:
        """What the database is told about the caller."""
        claims: dict[str, Any] = {"sub": str(self.user_id), "role": "authenticated", "exp": self.expires}
        if self.company_id:
            claims["app_metadata"] = {"company_id": str(self.company_id)}
        return claims


class Tokens:
    """Issues and reads tokens of one secret.

    Args:
        secret: of this run; at least 32 characters.

    Raises:
        ValueError: the secret is too short.
    """

    def __init__(self, secret: str) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"the token secret has {len(secret)} characters; give {SHORTEST_SECRET} or more")
        self._secret = secret

    def issue(self, user_id: UUID, company_id: UUID | None) -> str:
        """A token for the user with this company active."""
        now = int(time.time())
        caller = Caller(user_id, company_id, now + LIFETIME_SECONDS)
        return jwt.encode({**caller.claims(), "aud": _AUDIENCE, "iat": now}, self._secret, algorithm="HS256")

    def read(self, header: str | None) -> Caller:
        """The caller that an ``Authorization`` header names.

        Raises:
            ApiError: 401: no token, or one that is not ours, expired, or without the claims.
        """
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthorized("Send the token of /api/auth/login as: Authorization: Bearer <token>.")
        if len(token) > _LONGEST_TOKEN:
            raise unauthorized("The token is too long to be one of ours; sign in again.")
        try:
            claims = jwt.decode(
                token.strip(),
                self._secret,
                algorithms=["HS256"],
                audience=_AUDIENCE,
                options={"require": ["exp", "sub", "aud"]},
            )
            return _caller(claims)
        except jwt.ExpiredSignatureError:
            raise unauthorized("The token has expired; sign in again.") from None
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
            raise unauthorized("The token is not valid here; sign in again.") from None


def _caller(claims: dict[str, Any]) -> Caller:
    if claims.get("role") != "authenticated":
        raise ValueError("role")
    company = (claims.get("app_metadata") or {}).get("company_id")
    return Caller(UUID(claims["sub"]), UUID(company) if company else None, int(claims["exp"]))
