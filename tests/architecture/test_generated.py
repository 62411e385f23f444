"""What is made from the code says what the code says."""

from pathlib import Path

import pytest
from openapi_spec_validator import validate

from server.api import openapi
from server.api.adapter import operation_of
from server.api.routes import ROUTES
from tools.generate import WHOLE


def test_the_openapi_document_is_valid() -> None:
    validate(openapi.document([operation_of(route) for route in ROUTES]))


@pytest.mark.parametrize("path", WHOLE, ids=str)
def test_a_generated_file_is_current(path: Path) -> None:
    assert path.read_text() == WHOLE[path](), "./run generate"
