"""Every refusal the domain can give: a stable code, a sentence, and nothing about HTTP or sockets.

The first line of a class's docstring is its English sentence; texts for people are found by `code` in the front end's
locales. Each door maps the categories below once (server/api/errors.py). Concrete refusals live beside the rule they
guard.
"""

from typing import ClassVar

Detail = str | int | bool | None


class Refused(Exception):
    """The answer is no. Raising it changes nothing."""

    code: ClassVar[str] = "refused"

    def __init__(self, **details: Detail) -> None:
        super().__init__(self.code)
        self.details = details

    @property
    def sentence(self) -> str:
        """What happened, in English, without personal data."""
        return (type(self).__doc__ or self.code).splitlines()[0]


class NotSignedIn(Refused):
    """Sign in first, or open your link again."""

    code = "not_signed_in"


class NotAllowed(Refused):
    """You may not do this."""

    code = "not_allowed"


class NotFound(Refused):
    """There is nothing here, or nothing that you may see."""

    code = "not_found"


class Conflict(Refused):
    """What you ask does not fit what is already so."""

    code = "conflict"


class Invalid(Refused):
    """What was sent cannot be understood or accepted."""

    code = "invalid"


class Gone(Refused):
    """It was here once and will not come back."""

    code = "gone"


class TooMany(Refused):
    """Too many attempts; wait a little."""

    code = "too_many_attempts"


class TooLarge(Refused):
    """What was sent is too large."""

    code = "too_large"


class Unavailable(Refused):
    """Not possible right now; try again shortly."""

    code = "unavailable"
