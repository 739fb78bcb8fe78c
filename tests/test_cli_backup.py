"""All of a registry as a text and back: whole or not at all, and harmless in a spreadsheet."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.auth.decision import CardRecord, ContractRecord, VehicleRecord
from seccstack.auth.fingerprint import Fingerprint
from seccstack.auth.pseudonyms import Pseudonyms
from seccstack.cli_backup import (
    COLUMNS,
    FORMULAS,
    MAX_OCTETS,
    MOST_PROBLEMS,
    differences,
    names_of,
    neutral,
    parse,
    restored,
    to_csv,
    to_json,
)
from seccstack.cli_records import counts, hidden, line_of
from seccstack.errors import UsageError

NOW = 1_760_000_000.0
MAC = bytes.fromhex("EC65CC4FC201")
VEHICLE = VehicleRecord(
    mac=MAC,
    label="i4",
    note="=HYPERLINK('x')",
    evccid=b"WMIV1234567890ABCDEX",
    added_at=NOW,
    first_seen=NOW + 1,
    last_seen=NOW + 2.5,
    times_seen=7,
    proven_at=NOW + 2,
    certificate="AB" * 32,
    expires=NOW + 3,
    max_amps=10.5,
    enabled=False,
)
CARD = CardRecord(uid="04A1B2C3D4E5F6", label="Ada, Countess; L.", added_at=NOW)
SETUP = CardRecord(uid="04FFFFFF", setup=True, added_at=NOW)
CONTRACT = ContractRecord(
    emaid="DE8AA1A2B3C4D5", label="\N{LATIN SMALL LETTER SHARP S}", added_at=NOW
)
RECORDS = [VEHICLE, CARD, SETUP, CONTRACT]
SHOWN = Fingerprint(run_id="all zeros", sdp=0.5, offer=("DIN", "ISO"))


def backup(records=RECORDS, prints=(SHOWN,)):
    lines = [line_of(r, prints if r is VEHICLE else ()) for r in records]
    return "\n".join(to_json(lines, "plain", "2026-11-25T14:00:00+00:00")).encode()


def table(*records):
    return to_csv(line_of(record) for record in records)


def problem(text):
    with pytest.raises(UsageError) as caught:
        parse(text if isinstance(text, bytes) else text.encode(), NOW)
    return str(caught.value)


def test_a_backup_has_all_and_is_read_as_it_was():
    contents = parse(backup(), NOW - 99)
    assert contents.records == RECORDS
    assert contents.prints == {MAC: (SHOWN,)}


def test_a_table_has_all_but_how_vehicles_speak():
    contents = parse(table(*RECORDS).encode(), NOW - 99)
    assert contents.records == RECORDS
    assert contents.prints == {}


def test_a_table_that_a_spreadsheet_has_written_with_semicolons_is_read():
    rows = csv.reader(io.StringIO(table(*RECORDS).lstrip("\ufeff")))
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    assert parse(text.getvalue().encode("utf-8-sig"), NOW).records == RECORDS


def test_a_table_needs_two_columns_and_forgives_case_and_blanks():
    text = (
        "kind, id, enabled\nvehicle,ec:65:cc:4f:c2:01,No\n\n,,\ncontract,de-8aa-1a2b3c4d5-v,\n"
    )
    assert parse(text.encode(), NOW).records == [
        VehicleRecord(mac=MAC, added_at=NOW, enabled=False),
        replace(CONTRACT, label=""),
    ]


def test_a_backup_of_before_there_was_a_first_line_is_read():
    text = b'{"kind": "vehicle", "mac": "ec:65:cc:4f:c2:01", "label": "i5"}\n\n'
    assert parse(text, NOW).records == [VehicleRecord(mac=MAC, label="i5", added_at=NOW)]


def test_the_backup_of_an_empty_registry_is_one():
    contents = parse(backup([]), NOW)
    assert (contents.records, contents.notes) == ([], [])


@pytest.mark.parametrize("octets", [b"", b"\n\n", b"kind,id,label\n"])
def test_a_file_with_nothing_in_it_is_no_backup(octets):
    with pytest.raises(UsageError, match="it is empty: neither a backup nor a table with rows"):
        parse(octets, NOW)


@pytest.mark.parametrize("kept", range(1, len(RECORDS) + 1))
def test_a_backup_that_is_cut_between_two_lines_is_refused(kept):
    cut = b"\n".join(backup().splitlines()[:kept])
    with pytest.raises(UsageError) as raised:
        parse(cut, NOW)
    said = f"that it has 4 records, and {kept - 1} are there: its end is missing"
    assert said in str(raised.value)
    assert str(raised.value).endswith("nothing was imported")


def test_a_backup_to_which_a_line_was_added_is_refused_too():
    more = backup([CARD]) + b"\n" + backup([SETUP]).splitlines()[1]
    with pytest.raises(UsageError, match="1 records, and 2 are there: some were added"):
        parse(more, NOW)


def test_an_older_backup_that_counts_nothing_is_read_with_a_note():
    contents = parse(backup().replace(b'"records":4,', b""), NOW)
    assert contents.records == RECORDS
    assert "nothing tells whether its end is missing" in contents.notes[0]


def test_a_report_names_nobody_and_says_that_it_cannot_be_imported():
    names = Pseudonyms(bytes(32))
    shown = [replace(SHOWN, run_octets=f"{MAC.hex().upper()}0000", modem="02FEED0000B1")]
    noted = [replace(record, note="EC65CC4FC201") for record in RECORDS]
    lines = [hidden(line_of(record, shown), names) for record in noted]
    report = "\n".join(to_json(lines, "hashed", ""))
    for secret in (
        "EC65CC4FC201",
        "02FEED0000B1",
        VEHICLE.evccid.hex().upper(),
        CARD.uid,
        CONTRACT.emaid,
    ):
        assert secret not in report
        assert secret not in to_csv(lines)
    assert names.mac("EC65CC4FC201") in report
    assert "line 1: this is a report, in which names stand for" in problem(report)
    assert "line 2: 'mac-" in problem(to_csv(lines))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"kind":"registry","version":2}', "line 1: it is of version 2, this program reads"),
        (backup([]) + b"\n" + backup([]), "line 2: this belongs into the first line"),
        (b"\xff\xfekind,id", "it cannot be read: "),
        ("kind,id,colour\n", "line 1: there is no column 'colour'; the columns are kind, id,"),
        ("kind,id,id\n", "line 1: a column is there twice"),
        ("kind,id\ncard,4", "line 2: '4' is not a card's number"),
        ("kind,id\nbicycle,4", "line 2: kind is 'bicycle'; give vehicle, card, setup card"),
        ("kind,id,enabled\ncard,04A1B2C3,perhaps", "line 2: enabled is 'perhaps'; give yes or"),
        ("kind,id,max_amps\nvehicle,EC65CC4FC201,much", "line 2: "),
        ("kind,id,max_amps\ncard,04A1B2C3,8", "unknown field `max_amps`"),
        ("kind,id,expires\ncard,04A1B2C3,soon", "`expires`"),
        (
            "kind,id,note\nvehicle,EC65CC4FC201,x\nsetup card,04A1B2C3,\ncard,04a1b2c3,",
            "line 4: ",
        ),
        (
            'kind,id,note\ncard,04A1B2C3,"two\nlines"\ncard,4,',
            "line 2: 'two\\nlines' is not one",
        ),
        ('kind,id,note\ncard,04A1B2C3,"two\nlines"\ncard,4,', "line 4: '4' is not a card"),
        ("kind,id,evccid\nvehicle,EC65CC4FC201,xyz", "line 2: non-hexadecimal"),
        (
            '{"kind": "vehicle", "mac": "EC65CC4FC201", "max_amps": -1}',
            "line 1: a limit of -1 A",
        ),
        (
            '{"kind":"vehicle","mac":"EC65CC4FC201","fingerprints":[{"sdp":"x"}]}',
            "line 1: a fing",
        ),
        ('{"kind": "contract", "emaid": "me"}', "line 1: 'me' is no eMAID; give all of it"),
    ],
)
def test_each_line_that_is_wrong_is_named_with_what_to_do(text, why):
    assert why in problem(text)


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_taken():
    said = problem("kind,id\ncard,4\ncard,04A1B2C3\ncard,5\n").splitlines()
    assert [line[:6] for line in said] == ["line 2", "line 4", "nothin"]


def test_of_very_much_that_is_wrong_the_beginning_is_said():
    said = problem("\n".join(["{"] * 1000)).splitlines()
    assert len(said) == MOST_PROBLEMS + 2
    assert "no more was read" in said[-2]


def test_a_text_that_is_far_too_long_is_refused():
    assert "more than 64 MB" in problem(bytes(MAX_OCTETS + 1))


@given(st.text())
def test_a_cell_is_read_back_as_it_was_and_is_no_formula(text):
    assert restored(neutral(text)) == text
    assert neutral(text)[:1] not in (*FORMULAS,)


@pytest.mark.parametrize("text", ["=1+1", "+49 151", "-", "@me", "'=x", "''", "'90s", "'", ""])
def test_a_cell_that_would_be_calculated_is_read_back_as_it_was(text):
    assert restored(neutral(text)) == text


def test_no_cell_of_a_table_is_a_formula():
    odd = replace(VEHICLE, label="@SUM(A1)", note="-2+3")
    cells = [cell for row in csv.reader(io.StringIO(table(odd))) for cell in row]
    assert not [cell for cell in cells if cell[:1] in (*FORMULAS,)]
    assert set(COLUMNS) <= {cell.lstrip("\ufeff") for cell in cells}
    assert parse(table(odd).encode(), NOW).records == [odd]


def test_what_would_change_is_said_of_each():
    known = names_of([VEHICLE, CARD, replace(SETUP, setup=False)])
    said = list(
        differences([VEHICLE, replace(CARD, label="Bob", note="x"), SETUP, CONTRACT], known)
    )
    assert said == [
        "vehicle EC65CC4FC201 (i4): as it is",
        "card 04A1B2C3D4E5F6 (Bob): changed (label, note)",
        "setup card 04FFFFFF: changed (setup)",
        "contract DE8AA1A2B3C4D5 (\N{LATIN SMALL LETTER SHARP S}): new",
    ]


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([], "0 vehicles, 0 cards"),
        ([CARD, VEHICLE], "1 vehicle, 1 card"),
        (RECORDS, "1 vehicle, 2 cards, 1 contract"),
    ],
)
def test_records_are_counted_by_kind(records, said):
    assert counts(records) == said
