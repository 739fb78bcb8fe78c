"""Opening a capture: packed or not, and what is none."""

import gzip
import lzma
from hashlib import sha256
from io import BytesIO

import pytest

from seccstack.capture.packets import Lost
from seccstack.capture.reader import read_capture
from seccstack.errors import UsageError
from tests.capture.files import enhanced, interface, pcap, section, written

PLAIN = pcap([b"one", b"two"])
NOISE = b"".join(sha256(bytes([n % 256, n // 256])).digest() for n in range(6250))
LONG = pcap([NOISE[n : n + 1000] for n in range(0, 200_000, 1000)])


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_a_capture_may_be_packed(tmp_path, pack):
    records = list(read_capture(written(tmp_path / "c", pack(PLAIN))))
    assert [record.octets for record in records] == [b"one", b"two"]


def test_a_packed_file_may_consist_of_several_packed_ones(tmp_path):
    packed = b"".join(gzip.compress(LONG[n : n + 5000]) for n in range(0, len(LONG), 5000))
    assert len(list(read_capture(written(tmp_path / "c", packed)))) == 200


def test_a_packed_file_may_begin_with_nothing_but_its_own_name(tmp_path):
    with gzip.GzipFile("n" * 1000, "wb", fileobj=(file := BytesIO())) as packer:
        packer.write(PLAIN)
    assert len(list(read_capture(written(tmp_path / "c", file.getvalue())))) == 2


def test_both_formats_are_told_by_their_beginning(tmp_path):
    octets = section() + interface() + enhanced(b"x")
    [record] = read_capture(written(tmp_path / "misnamed.pcap", octets))
    assert record.octets == b"x"


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_a_packed_file_that_was_cut_gives_what_it_can(tmp_path, pack):
    *packets, loss = read_capture(written(tmp_path / "c", pack(LONG)[:-5000]))
    assert len(packets) > 100
    assert loss == Lost(packets[-1].number, "the compressed file is cut short")


def test_a_packed_file_that_is_damaged_gives_what_stands_before(tmp_path):
    packed = bytearray(gzip.compress(LONG))
    packed[-9000:-8900] = bytes(100)
    *packets, loss = read_capture(written(tmp_path / "c", bytes(packed)))
    assert len(packets) > 100
    assert loss.what.startswith("the compressed file is damaged: Error -3")


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "the file is empty"),
        (b"GIF89a", "neither pcap nor pcapng: it begins with 47 49 46 38"),
        (b"\x1f\x8b" + bytes(20), "the compressed file is damaged: Error -3"),
        (b"\xfd7zXZ\x00" + b"\xff" * 20, "the compressed file is damaged: "),
        (gzip.compress(b"GIF89a"), "neither pcap nor pcapng"),
    ],
)
def test_what_is_no_capture_is_refused_with_a_reason(tmp_path, octets, why):
    with pytest.raises(UsageError, match=why):
        list(read_capture(written(tmp_path / "c", octets)))


def test_a_file_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(read_capture(tmp_path / "nothing"))
