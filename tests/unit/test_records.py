"""Every class of the domain that is kept has a table with its fields."""

from dataclasses import fields, is_dataclass

import pytest

from server.storage.tables import RECORDS


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_the_fields_of_a_record_are_columns_of_its_table(kind: type) -> None:
    assert is_dataclass(kind)
    assert {field.name for field in fields(kind)} <= set(RECORDS[kind].columns.keys())
