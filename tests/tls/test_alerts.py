"""Alerts and what they mean."""

import pytest

from seccstack.errors import MalformedError
from seccstack.tls.alerts import ALERTS, Alert


def test_an_alert_has_its_name_and_meaning():
    alert = Alert.decode(b"\x02\x30")
    assert (alert.name, alert.fatal) == ("unknown_ca", True)
    assert alert.meaning == "it knows no root that the other side's certificates lead to"


@pytest.mark.parametrize(
    ("octets", "fatal"),
    [
        (b"\x01\x00", False),
        (b"\x01\x64", False),
        (b"\x01\x5a", False),
        (b"\x02\x5a", True),
        (b"\x01\x30", True),
        (b"\x01\xfe", True),
    ],
)
def test_an_alert_of_a_fault_is_fatal_whatever_its_level(octets, fatal):
    assert Alert.decode(octets).fatal is fatal


def test_an_unknown_alert_is_told_by_its_number():
    alert = Alert.decode(b"\x02\xfe")
    assert (alert.name, alert.meaning) == ("alert 254", "it found something unheard of")


@pytest.mark.parametrize("octets", [b"", b"\x02", b"\x02\x30\x00"])
def test_an_alert_of_another_size_is_refused(octets):
    with pytest.raises(MalformedError, match=r"^Alert: .* \(octet"):
        Alert.decode(octets)


def test_every_meaning_is_a_clause():
    for name, meaning in ALERTS.values():
        assert meaning.startswith(("it ", "a ", "all ", "the ")), name
        assert not meaning.endswith("."), name
