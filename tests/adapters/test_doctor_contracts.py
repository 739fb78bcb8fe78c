"""What the doctor says of contracts' files, and of who provides them."""

import socket

import pytest

from seccstack.adapters.doctor_contracts import DAY, examine_contracts
from seccstack.config import Contract
from tests import lab as labs

NOW = labs.NOW.timestamp()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def found(days=0.0, **config):
    findings = examine_contracts(Contract(**config), NOW + days * DAY)
    return [(finding.verdict.value, finding.found) for finding in findings]


@pytest.mark.parametrize(
    ("days", "verdict", "said"),
    [
        (0, "ok", "is valid for 3650 days"),
        (3630, "warn", "is valid for 20 days"),
        (3651, "fail", "has expired"),
    ],
)
def test_a_root_is_good_until_it_ends_and_its_end_is_told_in_time(lab, days, verdict, said):
    [one] = found(days, roots=[str(lab / "roots/mo.pem")])
    assert one[0] == verdict
    assert one[1].startswith("root DC=MO")
    assert one[1].endswith(said)


@pytest.mark.parametrize(("revocation", "bad"), [("soft", "warn"), ("hard", "fail")])
def test_a_list_that_is_out_of_date_or_none_is_as_bad_as_it_is_needed(lab, revocation, bad):
    lists = [str(lab / "revocation/mo.mo_sub2.crl"), str(lab / "index.json"), "nowhere"]
    files = {"lists": lists, "revocation": revocation}
    assert [verdict for verdict, _ in found(**files)] == ["ok", bad, bad]
    assert found(**files)[0][1].endswith("names 1, good for 7 days")
    assert found(8, **files)[0] == (bad, found(8, **files)[0][1])
    assert found(8, **files)[0][1].endswith("is out of date")


def test_a_file_of_no_roots_is_named(tmp_path):
    [(verdict, said)] = found(roots=[str(tmp_path / "none.pem")])
    assert verdict == "fail"
    assert said.startswith(f"{tmp_path / 'none.pem'} is of no use: ")


def test_a_provisioning_service_is_there_or_is_not(tmp_path):
    place = tmp_path / "contracts.sock"
    assert found(provisioning=str(place)) == [
        ("warn", f"there is no provisioning service at {place}")
    ]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        assert found(provisioning=str(place)) == []
