import pytest

from seccstack.errors import UsageError
from seccstack.experience import pack
from seccstack.experience.port import SILENT, Family, Vehicle
from seccstack.experience.record import Experience
from tests.experience.test_record import EVERYTHING, experience_of

CAR, FAMILY = Vehicle(bytes.fromhex("9012A1000001")), Family(b"\x90\x12\xa1", "MAC+0000")
ALL = [
    (CAR, experience_of(*EVERYTHING)),
    (FAMILY, Experience(visits=2)),
    (SILENT, Experience()),
]


def text(some):
    return "".join(f"{line}\n" for line in pack.written(some)).encode()


def test_all_comes_back_as_it_was_written():
    assert pack.read(text(ALL)) == ALL


def test_what_is_shared_names_no_guests():
    shared = pack.shared(ALL)
    assert shared == [ALL[1]]
    assert b'"families_only":true' in text(shared)
    assert b'"families_only":false' in text(ALL)


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b" \n", "empty"),
        (b"{", "line 1"),
        (b'{"kind":"registry","version":1}', "line 1"),
        (text(ALL)[: text(ALL).rindex(b'{"name"')], "it was cut short"),
        (text(ALL).replace(b'"9012A1000001"', b'"nobody"'), "line 2: 'nobody' is not"),
        (text(ALL).replace(b'"visits":2', b'"visits":-2'), "line 3"),
        (text(ALL).replace(b'only":false', b'only":true'), "line 2: 9012A1000001 is no family"),
        (b" " * (pack.MAX_OCTETS + 1), "more than 4 MB"),
    ],
)
def test_what_cannot_be_so_is_refused_with_its_line(octets, why):
    with pytest.raises(UsageError, match=why):
        pack.read(octets)
