"""Generating again changes nothing, and the classes say which schemas they are from."""

import os
import re
from hashlib import sha256
from pathlib import Path

import pytest

from tests.prerequisites import missing
from tools.generate_messages import generate, main
from tools.generator.model import snake

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT / "seccstack" / "messages"


@pytest.fixture(scope="module")
def schemas():
    """The XML schemas; the Python package ``iso15118`` ships them, we don't."""
    below = "lib/python3*/site-packages/iso15118/shared/schemas"
    named = os.environ.get("SECCSTACK_SCHEMAS")
    for folder in [Path(named)] if named else sorted((ROOT / ".venv-peer").glob(below)):
        if (folder / "V2G_CI_AppProtocol.xsd").is_file():
            return folder
    return missing("XML schemas: set SECCSTACK_SCHEMAS, or install iso15118 in .venv-peer")


def test_generating_again_changes_nothing(schemas, tmp_path):
    assert main([str(schemas), str(tmp_path)]) == 0
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.py"))
    assert len(written) == 30
    for path in written:
        assert (MESSAGES / path).read_text() == (tmp_path / path).read_text(), path


def test_every_class_module_has_the_digests_of_its_schemas(schemas):
    digests = {sha256(path.read_bytes()).hexdigest() for path in schemas.rglob("*.xsd")}
    for name, source in generate(schemas).items():
        if not name.startswith("generated/"):
            found = set(re.findall(r"SHA-256 ([0-9a-f]{64})", source))
            assert found, name
            assert found <= digests, name


def test_wrong_arguments_are_explained(capsys):
    assert main(["one"]) == 2
    assert "SCHEMAS_DIR OUT_DIR" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("EVCCID", "evccid"),
        ("SAScheduleTupleID", "sa_schedule_tuple_id"),
        ("EVSENotification", "evse_notification"),
        ("PMaxSchedule", "p_max_schedule"),
        ("AC_EVSEStatus", "ac_evse_status"),
        ("eMAID", "emaid"),
        ("DHpublickey", "dh_public_key"),
        ("MF-WPT1", "mf_wpt1"),
    ],
)
def test_a_field_is_named_by_one_rule(name, field):
    assert snake(name) == field
