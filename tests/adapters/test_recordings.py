"""A folder of recordings: what is in it, whatever happened to the process that wrote it."""

import fcntl
import os
import subprocess
import sys

import pytest

from seccstack.adapters.recordings import DAY, Recordings
from seccstack.recording.blocks import Interface, packet, section

AT = 1_700_000_000 * 10**9  # 2023-11-14 22:13:20 UTC
STEM = "20231114T221320Z-0001"
MAC = "EC65CC010203"
LINE = b'{"slac_mac":"EC65CC010203"}\n'
HEAD, PACKET = section("us", ""), packet(Interface.ETHERNET, AT, bytes(60))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "recordings"


@pytest.fixture
def recordings(folder):
    made = Recordings(folder, most_octets=10_000, most_days=10)
    made.open()
    yield made
    made.close()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def record(recordings, number=1, at=AT, octets=LINE, vehicle=MAC):
    recordings.begin(number, at)
    recordings.write(0, octets, HEAD)
    recordings.end(vehicle)


def reopened(folder):
    again = Recordings(folder, most_octets=10_000, most_days=10)
    again.open()
    again.close()
    return names(folder)


def test_a_recording_is_a_pair_that_is_named_by_time_number_and_vehicle(recordings, folder):
    record(recordings)
    assert names(folder) == [f"{STEM}-{MAC}.jsonl", f"{STEM}-{MAC}.pcapng"]
    assert (folder / f"{STEM}-{MAC}.jsonl").read_bytes() == LINE


def test_that_of_an_unknown_vehicle_has_no_name(recordings, folder):
    record(recordings, vehicle="")
    assert names(folder) == [f"{STEM}.jsonl", f"{STEM}.pcapng"]


def test_files_are_for_their_owner_alone(recordings, folder):
    record(recordings)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_what_is_written_is_there_at_once(recordings, folder):
    recordings.begin(1, AT)
    recordings.write(0, LINE, HEAD)
    recordings.write(0, b"", PACKET)
    assert (folder / f"{STEM}.part0.jsonl").read_bytes() == LINE
    assert (folder / f"{STEM}.part0.pcapng").read_bytes() == HEAD + PACKET


def test_parts_are_joined_in_their_order_but_for_those_that_were_discarded(recordings, folder):
    recordings.begin(1, AT)
    for part in range(12):
        recordings.write(part, b"%d\n" % part, HEAD)
    for part in (1, 2, 99):
        recordings.discard(part)
    recordings.end("")
    kept = [b"%d\n" % part for part in range(12) if part not in (1, 2)]
    assert (folder / f"{STEM}.jsonl").read_bytes() == b"".join(kept)
    assert (folder / f"{STEM}.pcapng").read_bytes() == HEAD * 10
    assert len(names(folder)) == 2


def test_two_that_began_in_one_second_have_two_names(recordings, folder):
    for _ in range(3):
        record(recordings, vehicle="")
    assert names(folder)[::2] == [f"{STEM}.jsonl", f"{STEM}~2.jsonl", f"{STEM}~3.jsonl"]


def test_one_that_broke_off_is_completed_without_its_torn_end(recordings, folder):
    recordings.begin(1, AT)
    recordings.write(0, LINE + b'{"t":', HEAD + PACKET[:9])
    recordings.end(None)
    assert (folder / f"{STEM}-{MAC}.jsonl").read_bytes() == LINE
    assert (folder / f"{STEM}-{MAC}.pcapng").read_bytes() == HEAD


# After a kill.


def left(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, octets in files.items():
        stem, _, rest = name.partition("_")
        (folder / f"{STEM}.{stem}.{rest}").write_bytes(octets)


@pytest.mark.parametrize("torn", [b"", b'{"t":1', b"{" * 5000])
def test_what_a_killed_charger_left_is_joined_without_its_torn_end(folder, torn):
    left(
        folder, part0_jsonl=LINE + torn, part0_pcapng=HEAD + PACKET[:30],
        part7_jsonl=LINE + torn, part7_pcapng=HEAD + PACKET,
    )  # fmt: skip
    assert reopened(folder) == [f"{STEM}-{MAC}.jsonl", f"{STEM}-{MAC}.pcapng"]
    assert (folder / f"{STEM}-{MAC}.jsonl").read_bytes() == LINE * 2
    assert (folder / f"{STEM}-{MAC}.pcapng").read_bytes() == HEAD * 2 + PACKET


def test_one_whose_vehicle_said_nothing_yet_has_no_name(folder):
    left(folder, part0_jsonl=b"{}\n", part0_pcapng=HEAD)
    assert reopened(folder) == [f"{STEM}.jsonl", f"{STEM}.pcapng"]


def test_an_empty_part_is_an_empty_file(folder):
    left(folder, part0_jsonl=b"")
    assert reopened(folder) == [f"{STEM}.jsonl"]


def test_a_joining_that_was_interrupted_is_done_again(folder):
    left(folder, part0_jsonl=LINE, part1_jsonl=LINE, joining_jsonl=LINE + b"half")
    assert reopened(folder) == [f"{STEM}-{MAC}.jsonl"]
    assert (folder / f"{STEM}-{MAC}.jsonl").read_bytes() == LINE * 2


def test_parts_whose_whole_is_there_already_are_deleted(folder):
    left(folder, part0_jsonl=LINE, part1_jsonl=LINE, part0_pcapng=HEAD)
    (folder / f"{STEM}-{MAC}.jsonl").write_bytes(LINE * 2)
    assert reopened(folder) == [f"{STEM}-{MAC}.jsonl", f"{STEM}-{MAC}.pcapng"]
    assert (folder / f"{STEM}-{MAC}.jsonl").read_bytes() == LINE * 2


def test_a_joining_without_parts_is_of_nobody(folder):
    left(folder, joining_pcapng=HEAD)
    assert reopened(folder) == []


# Bounds.


def stems(folder):
    return sorted({name.split(".")[0] for name in names(folder)})


def test_the_oldest_go_where_there_would_be_too_much(recordings, folder):
    for number in (1, 2, 3):
        record(recordings, number, AT + number * 10**9, bytes(3000) + b"\n", "")
    assert recordings.prune(room=500, now=AT / 1e9) == []
    assert recordings.prune(room=3000, now=AT / 1e9) == ["20231114T221321Z-0001"]
    assert recordings.prune(room=10_000, now=AT / 1e9)[-1] == "20231114T221323Z-0003"
    assert names(folder) == []


def test_so_do_those_that_are_too_old(recordings, folder):
    record(recordings, 1, AT)
    record(recordings, 2, AT + 5 * int(DAY) * 10**9)
    assert recordings.prune(0, AT / 1e9 + 10 * DAY) == []
    assert recordings.prune(0, AT / 1e9 + 10 * DAY + 1) == [STEM]
    assert len(names(folder)) == 2


def test_the_present_one_is_never_deleted(recordings, folder):
    recordings.begin(1, AT)
    recordings.write(0, bytes(20_000), HEAD)
    assert recordings.prune(10_000, AT / 1e9 + 99 * DAY) == []


def test_nor_is_anything_else_that_is_in_the_folder(recordings, folder):
    for name in ("mine.pcapng", "20231114.jsonl", f"{STEM}.pcapng.bak", f"x{STEM}.jsonl"):
        (folder / name).write_bytes(bytes(20_000))
    assert recordings.prune(10_000, AT / 1e9 + 99 * DAY) == []
    assert len(names(folder)) == 4


def test_digits_that_are_no_time_are_as_old_as_can_be(recordings, folder):
    (folder / "99999999T999999Z-0001.jsonl").write_bytes(b"")
    assert recordings.prune(0, AT / 1e9) == ["99999999T999999Z-0001"]


# Whose folder it is.


def test_another_charger_cannot_have_the_folder_meanwhile(recordings, folder):
    program = (
        "import sys; from pathlib import Path; "
        "from seccstack.adapters.recordings import Recordings; "
        "Recordings(Path(sys.argv[1]), most_octets=9, most_days=9).open()"
    )
    run = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program, folder], capture_output=True, text=True, check=False
    )
    assert "BlockingIOError" in run.stderr


def test_a_folder_that_is_held_is_no_leak(folder):
    folder.mkdir()
    held = os.open(folder, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    other = Recordings(folder, most_octets=9, most_days=9)
    with pytest.raises(BlockingIOError):
        other.open()
    other.close()
    os.close(held)
    assert reopened(folder) == []


def test_opening_it_twice_is_opening_it_once(recordings, folder):
    recordings.open()
    assert names(folder) == []


def test_a_file_in_the_folders_place_is_said(tmp_path):
    (tmp_path / "recordings").write_bytes(b"")
    with pytest.raises(FileExistsError):
        Recordings(tmp_path / "recordings", most_octets=9, most_days=9).open()
