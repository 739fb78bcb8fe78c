"""What a cipher suite is made of."""

import pytest

from seccstack.tls.names import SUITES
from seccstack.tls.suites import Suite, suite_of


@pytest.mark.parametrize(
    ("number", "suite"),
    [
        (0xC023, Suite("CBC", 16, "sha256", "sha256", False)),
        (0xC025, Suite("CBC", 16, "sha256", "sha256", False)),
        (0xC024, Suite("CBC", 32, "sha384", "sha384", False)),
        (0xC009, Suite("CBC", 16, "sha256", "sha1", False)),
        (0xC02B, Suite("GCM", 16, "sha256", "sha256", False)),
        (0xC0AF, Suite("CCM_8", 32, "sha256", "sha256", False)),
        (0xCCA9, Suite("POLY1305", 32, "sha256", "sha256", False)),
        (0x1302, Suite("GCM", 32, "sha384", "sha384", True)),
        (0x1304, Suite("CCM", 16, "sha256", "sha256", True)),
    ],
)
def test_the_name_of_a_suite_says_what_it_is_made_of(number, suite):
    assert suite_of(number) == suite


def test_every_suite_with_a_name_can_be_read_but_signals():
    assert [number for number in SUITES if suite_of(number) is None] == [0x00FF, 0x5600]


def test_a_suite_without_a_name_is_unknown():
    assert suite_of(0x0000) is None
