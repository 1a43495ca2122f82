"""What the API answers when it cannot do what was asked: a status, a code for programs, a sentence for people."""

from __future__ import annotations

from starlette.responses import JSONResponse


class ApiError(Exception):
    """An answer other than success.

    Args:
        status: HTTP status.
        code: stable name that programs compare, such as ``schema_behind``.
        message: what failed and what to do next; never a secret, never another tenant's data.
        details: further members of the error object.
        retry_after: seconds after which trying again makes sense.
    """

    def __init__(
        self, status: int, code: str, message: str, *, details: dict[str, object] | None = None, retry_after: int = 0
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details or {}
        self.retry_after = retry_after

    def response(self) -> JSONResponse:
        """As ``{"error": {"code", "message", …}}``."""
        headers = {"Cache-Control": "no-store"}
        if self.retry_after:
            headers["Retry-After"] = str(self.retry_after)
        if self.status == 401:  # noqa: PLR2004 - the status is its own name
            headers["WWW-Authenticate"] = "Bearer"
        body = {"error": {"code": self.code, "message": self.message, **self.details}}
        return JSONResponse(body, self.status, headers)


def unauthorized(message: str) -> ApiError:
    """No valid token."""
    return ApiError(401, "unauthorized", message)


def forbidden() -> ApiError:
    """The policies refuse it."""
    return ApiError(403, "forbidden", "Your role in this company does not allow this.")


def not_found(what: str) -> ApiError:
    """No such row among those that the caller may see."""
    return ApiError(404, "not_found", f"There is no {what} with this id in your company.")


def invalid(message: str, fields: list[dict[str, str]] | None = None) -> ApiError:
    """Input that does not fit the endpoint's description."""
    return ApiError(422, "invalid_input", message, details={"fields": fields or []})


def busy() -> ApiError:
    """The database has no room or no patience for this request now."""
    return ApiError(503, "busy", "The database is busy; try again in a moment.", retry_after=1)


def unavailable() -> ApiError:
    """The database cannot be reached."""
    return ApiError(503, "database_unavailable", "The database does not answer; try again shortly.", retry_after=2)
