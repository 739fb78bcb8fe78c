"""Opening a capture: packed or not, and what is none."""

import gzip
import lzma
import os
import re
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from seccstack.capture.packets import Lost
from seccstack.capture.reader import MAX_TROUBLES, read_capture
from seccstack.errors import UsageError
from tests.capture.files import enhanced, interface, pcap, section, written
from tests.capture.files import records as records_of

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


def damaged(packed, at=-9000):
    octets = bytearray(packed)
    octets[at : at + 100] = bytes(100)
    return bytes(octets)


def test_a_packed_file_that_is_damaged_gives_what_stands_before(tmp_path):
    packed = damaged(gzip.compress(LONG))
    *packets, loss, rest = read_capture(written(tmp_path / "c", packed))
    assert len(packets) > 100
    assert loss.what.startswith("the compressed file is damaged: Error -3")
    lost, at = re.fullmatch(
        r"(\d+) octets of it at (\d+) to the end are lost", rest.what
    ).groups()
    assert int(lost) + int(at) == len(packed)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_behind_a_damaged_place_the_next_packed_one_is_read(tmp_path, pack):
    first, second = damaged(pack(LONG), -60_000), pack(LONG)
    path = written(tmp_path / "c", first + second)
    *records, loss, rest = read_capture(path)
    before = records[-200].number - 1
    assert before > 100
    assert records[-200:] == [replace(r, number=before + r.number) for r in records_of(LONG)]
    assert loss.what.startswith("the compressed file is damaged")
    lost, at = re.fullmatch(r"(\d+) octets of it at (\d+) are lost", rest.what).groups()
    assert int(lost) + int(at) == len(first)


def test_a_capture_that_was_packed_in_pieces_goes_on_behind_a_damaged_one(tmp_path):
    pieces = [gzip.compress(LONG[n : n + 50_000]) for n in range(0, len(LONG), 50_000)]
    pieces[1] = damaged(pieces[1], -20_000)
    records = list(read_capture(written(tmp_path / "c", b"".join(pieces))))
    assert any("damaged octets at" in r.what for r in records if isinstance(r, Lost))
    assert [r.octets for r in records if not isinstance(r, Lost)][-1] == NOISE[199_000:200_000]


def test_a_capture_of_which_nothing_can_be_had_is_told_before_the_next(tmp_path):
    nothing = b"\x1f\x8b\x08\x00" + b"\xff" * 40
    first, packet, *_ = read_capture(written(tmp_path / "c", nothing + gzip.compress(PLAIN)))
    assert (first.what, packet.number, packet.octets) == ("the file is empty", 1, b"one")


def test_what_is_lost_of_a_later_capture_is_counted_on_too(tmp_path):
    first, second = damaged(gzip.compress(LONG), -60_000), gzip.compress(PLAIN[:-1] + b"xxx")
    *records, _, _ = read_capture(written(tmp_path / "c", first + second))
    assert records[-1].after == records[-2].number > 100


def test_a_beginning_that_is_none_is_passed_over(tmp_path):
    bad, good = b"\x1f\x8b\x08\x00" + b"\xff" * 40, gzip.compress(LONG)
    packed = gzip.compress(PLAIN) + bad + bad + good
    packets = [
        r for r in read_capture(written(tmp_path / "c", packed)) if not isinstance(r, Lost)
    ]
    assert packets[-1].octets == NOISE[199_000:200_000]


def test_no_more_damaged_places_are_told_than_are_worth_it(tmp_path):
    packed = gzip.compress(PLAIN) + (b"\x1f\x8b\x08\x00" + b"\xff" * 40) * MAX_TROUBLES
    troubles = [r for r in read_capture(written(tmp_path / "c", packed)) if isinstance(r, Lost)]
    assert len(troubles) == MAX_TROUBLES


def test_a_file_that_needs_too_much_memory_to_unpack_is_not_unpacked(tmp_path):
    greedy = lzma.compress(PLAIN, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 28}])
    with pytest.raises(UsageError, match=r"[Mm]emory"):
        list(read_capture(written(tmp_path / "c", greedy)))


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "the file is empty"),
        (b"GIF89a", "neither pcap nor pcapng: it begins with 47 49 46 38"),
        (b"\x1f\x8b" + bytes(20), "the compressed file is damaged: Error -3"),
        (b"\xfd7zXZ\x00" + b"\xff" * 20, "the compressed file is damaged: "),
        (gzip.compress(b"GIF89a", mtime=0), "neither pcap nor pcapng"),
        (b"\x28\xb5\x2f\xfd0000", "28 B5 2F FD, as zstd files do: unpack it first"),
        (gzip.compress(gzip.compress(b"", mtime=0), mtime=0), "as gzip files do"),
    ],
)
def test_what_is_no_capture_is_refused_with_a_reason(tmp_path, octets, why):
    with pytest.raises(UsageError, match=why):
        list(read_capture(written(tmp_path / "c", octets)))


def test_a_file_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(read_capture(tmp_path / "nothing"))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_a_capture_may_come_through_a_pipe(pack):
    ours, theirs = os.pipe()
    with open(theirs, "wb") as pipe:
        pipe.write(pack(PLAIN))
    records = list(read_capture(Path(f"/dev/fd/{ours}")))
    os.close(ours)
    assert [record.octets for record in records] == [b"one", b"two"]
