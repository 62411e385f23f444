"""Fields that several bodies share."""

from typing import Annotated

from pydantic import AfterValidator, Field

from server.domain.texts import clean_lines

LongText = Annotated[str, Field(max_length=20_000), AfterValidator(clean_lines)]  # several lines, as people type them
ShortText = Annotated[str, Field(max_length=500), AfterValidator(clean_lines)]  # a sentence or two: a reason, a line
