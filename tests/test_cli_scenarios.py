"""Cards: written, read, and what is said of those that are none."""

from pathlib import Path

import pytest

from seccstack.cli_scenarios import FOLDERS, Order, digest_of, read_card, record
from seccstack.errors import UsageError

OCTETS = b"not looked at here"
RESULT = [{"protocol": "iso2"}]


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "elsewhere" / "car.pcap"
    path.parent.mkdir()
    path.write_bytes(OCTETS)
    return path


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "project" / "captures"
    path.mkdir(parents=True)
    return path


def order(folder, name="a-car", **told):
    given = {"copy": False, "what": "", "origin": "", "licence": "", **told}
    return Order(name, folder, **given)


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_card_says_what_the_capture_is_and_where_it_is_from(folder, capture):
    told = {"what": 'a "car"', "origin": "a \\ lab", "licence": "Apache-2.0 \N{BULLET}"}
    record(order(folder, **told), capture, RESULT)
    card = read_card(folder / "a-car.toml")
    assert (card.what, card.origin, card.licence) == tuple(told.values())
    assert (card.name, card.file, card.digest) == ("a-car", "car.pcap", digest_of(capture))
    assert card.load() == {"drive": RESULT}


def test_by_default_the_capture_is_not_copied(folder, capture):
    record(order(folder), capture, RESULT)
    assert files(folder) == ["a-car.json", "a-car.toml"]


@pytest.mark.parametrize(
    ("name", "copied"),
    [
        ("car.pcap", "a-car.pcap"),
        ("car.pcapng.xz", "a-car.pcapng.xz"),
        ("car.pcap.gz", "a-car.pcap.gz"),
        ("car.dump", "a-car.pcapng"),
        ("car", "a-car.pcapng"),
    ],
)
def test_a_copy_has_the_name_of_the_card(folder, capture, name, copied):
    capture = capture.rename(capture.with_name(name))
    card = record(order(folder, copy=True, licence="CC0-1.0"), capture, RESULT)
    assert files(folder) == sorted(["a-car.json", "a-car.toml", copied])
    assert card.find().read_bytes() == OCTETS


# Where the capture is.


@pytest.fixture
def card(folder, capture):
    return record(order(folder), capture, RESULT)


def test_it_is_found_beside_the_card_first(card, capture, folder):
    (folder / "car.pcap").write_bytes(OCTETS)
    assert card.find(capture.parent) == folder / "car.pcap"


def test_it_is_found_in_a_folder_of_the_environment(card, capture, monkeypatch):
    monkeypatch.setenv(FOLDERS, f"/nowhere::{capture.parent}")
    assert card.find() == capture


def test_it_is_found_in_the_folder_that_the_projects_share(card, tmp_path):
    shared = tmp_path / "shared" / "captures"
    shared.mkdir(parents=True)
    (shared / "car.pcap").write_bytes(OCTETS)
    assert card.find().read_bytes() == OCTETS


def test_without_it_that_is_said(card):
    with pytest.raises(UsageError, match=r"no car.pcap beside the card, nor in a folder of \$"):
        card.find()


def test_another_capture_of_its_name_is_not_taken_for_it(card, folder, capture):
    (folder / "car.pcap").write_bytes(b"other")
    with pytest.raises(UsageError, match=r"captures/car.pcap: not the capture meant"):
        card.find()
    assert card.find(capture.parent) == capture


# What is wrong.


@pytest.mark.parametrize("name", ["", "A", "a b", "-a", "../a", "a/b", "a.toml", "a" * 65, "ä"])
def test_a_bad_name_is_refused(folder, capture, name):
    with pytest.raises(UsageError, match="a name is 1 to 64 of a-z"):
        record(order(folder, name), capture, RESULT)
    assert files(folder) == []


@pytest.mark.parametrize("taken", ["a-car.toml", "a-car.json", "a-car.pcapng", "a-car.pcap.xz"])
def test_what_is_there_is_never_overwritten(folder, capture, taken):
    (folder / taken).write_text("precious")
    with pytest.raises(UsageError, match=f"{taken} is there already.*a-car.toml --accept"):
        record(order(folder), capture, RESULT)
    assert files(folder) == [taken]
    assert (folder / taken).read_text() == "precious"


def test_a_folder_that_is_not_there_is_not_made(tmp_path, capture):
    with pytest.raises(UsageError, match=r"no such folder.*--into"):
        record(order(tmp_path / "none"), capture, RESULT)


def test_a_copy_needs_a_licence(folder, capture):
    with pytest.raises(UsageError, match="say by --licence which licence allows it"):
        record(order(folder, copy=True), capture, RESULT)


def test_what_cannot_be_finished_leaves_nothing_behind_and_takes_nothing_away(folder, capture):
    (folder / "a-car.toml").symlink_to("nowhere")  # can't be seen, can't be written
    with pytest.raises(FileExistsError):
        record(order(folder), capture, RESULT)
    assert files(folder) == ["a-car.toml"]


@pytest.mark.parametrize("option", ["what", "origin", "licence"])
@pytest.mark.parametrize("text", ["a\nb", "\udcff", "\x1b[31m"])
def test_what_no_card_can_hold_is_refused(folder, capture, option, text):
    with pytest.raises(UsageError, match=f"--{option}: it must be a line of printable text"):
        record(order(folder, **{option: text}), capture, RESULT)
    assert files(folder) == []


GOOD = 'what = "a"\norigin = "b"\nlicence = "c"\n[capture]\nfile = "d"\nsha256 = "e"\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("what = ", "no card: Invalid value"),
        ("\xff", "no card: "),
        ('what = "a"', r"no card: it has no \[capture\]"),
        ("capture = 1", r"no card: it has no \[capture\]"),
        (GOOD.replace('"a"', "1"), "what: a text must be here"),
        (GOOD.replace('"b"', '""'), "origin: a text must be here"),
        (GOOD.replace("sha256", "sha"), "sha256: a text must be here"),
        (GOOD.replace('"d"', '"../d"'), "file: '../d' is not the mere name of a file"),
        (GOOD.replace('"d"', '"/d"'), "file: '/d' is not the mere name of a file"),
    ],
)
def test_what_is_no_card_is_refused_with_the_reason(tmp_path, text, why):
    path = tmp_path / "card.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=why):
        read_card(path)


def test_results_that_cannot_be_read_are_named(tmp_path):
    path = tmp_path / "card.toml"
    path.write_text(GOOD)
    (tmp_path / "card.json").write_text("[1")
    with pytest.raises(UsageError, match=r"card.json: "):
        read_card(path).load()


def test_a_card_without_results_has_none(tmp_path):
    path = tmp_path / "card.toml"
    path.write_text(GOOD)
    assert read_card(path).load() == {}


def test_what_is_kept_anew_leaves_the_other_results(card):
    card.keep(replay=[1])
    card.keep(drive=[2])
    assert card.load() == {"drive": [2], "replay": [1]}
    assert files(Path(card.path.parent)) == ["a-car.json", "a-car.toml"]
