"""What can go wrong with stored recordings. `code` is stable; the docstring is the message."""


class RecordingError(Exception):
    """A recording cannot be written, read or made playable."""

    code = "recording_error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{type(self).__doc__} {detail}".strip())


class UnknownFormat(RecordingError):
    """This is not a file of ours, or one of a version this program does not read."""

    code = "unknown_format"


class WrongKey(RecordingError):
    """The key does not open this file."""

    code = "wrong_key"


class Damaged(RecordingError):
    """The bytes are not what was written."""

    code = "recording_damaged"


class Misplaced(RecordingError):
    """The file is whole, but it is not the one that was asked for."""

    code = "recording_misplaced"


class Cancelled(RecordingError):
    """The work was stopped before its end."""

    code = "processing_cancelled"


class NothingRecorded(RecordingError):
    """No part of this recording holds anything that can be shown or heard."""

    code = "nothing_recorded"
