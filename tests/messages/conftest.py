"""What all tests of messages begin with."""

import pytest

from seccstack.messages import codec


@pytest.fixture(scope="session", autouse=True)
def every_schema_is_loaded():
    """Hypothesis draws from constants of what is loaded: that must not grow while it draws."""
    for schema in codec.Schema:
        assert codec.tables_of(schema)
