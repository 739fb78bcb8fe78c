"""`seccstack vehicles`, as its owner types it."""

import json
import stat
import time
from contextlib import closing
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from seccstack.adapters.privacy import key_of
from seccstack.adapters.registry import open_registry
from seccstack.auth.audit import AuditEntry, AuditKind
from seccstack.auth.fingerprint import Fingerprint
from seccstack.auth.limiter import CALM, KEPT, Limiter, text_of
from seccstack.auth.port import sighting_of
from seccstack.auth.pseudonyms import Pseudonyms
from seccstack.auth.vehicle import Identity, Proven
from seccstack.cli_vehicles import app, awaited
from seccstack.sim.registry import SimRegistry

MAC, OTHER = bytes.fromhex("EC65CC4FC201"), bytes.fromhex("DC442711BBAA")
NOW = 1_760_000_000.0
VIN = b"WMIV1234567890ABCDEX"
HOLDER = "AB" * 32


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vehicles.sqlite"


@pytest.fixture
def run(path):
    def run(*arguments, code=0, stdin=None, where=("--db", str(path))):
        options = () if arguments[-1] == "--help" else where
        result = CliRunner(env={"COLUMNS": "200"}).invoke(
            app, [*arguments, *options], input=stdin
        )
        assert result.exit_code == code, result.output
        return result

    return run


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def see(path, at, **claims):
    """Have the running charger record a sighting."""
    identity = Identity()
    for claim, value in claims.items():
        identity = identity.learn(claim, value, "test", at)
    registry = open_registry(path)
    registry.record_sighting(sighting_of(identity, at))
    registry.close()


def vehicle(path, mac=MAC):
    registry = open_registry(path)
    record = registry.vehicle(mac)
    registry.close()
    return record


# Vehicles.


@pytest.mark.parametrize("mac", ["EC65CC4FC201", "ec:65:cc:4f:c2:01", "EC-65-CC-4F-C2-01"])
def test_a_vehicle_is_added_and_listed(run, mac):
    assert run("add", mac, "--label", "i4").stdout == "vehicle EC65CC4FC201 is registered\n"
    [record] = lines(run("list", "--json"))
    assert record["kind"] == "vehicle"
    assert record["mac"] == "EC65CC4FC201"
    assert record["label"] == "i4"
    assert "i4" in run("list").stdout


def test_a_lock_out_is_said_beside_the_list_and_how_to_lift_it(run, path):
    with closing(open_registry(path)) as registry:
        registry.keep(KEPT, text_of(Limiter((), 1, 899.0), time.time()))
        listed = run("list", "--json")
        assert listed.stdout == ""
        assert "for 15 min no vehicle is let in for its address alone; `seccst" in listed.stderr
        registry.keep(KEPT, text_of(CALM, time.time()))
        assert run("list").stderr == ""
        registry.keep(KEPT, "{}")
        assert "the registry's lock-out.at: cannot be 'None'" in run("list").stderr


def test_a_vehicle_is_added_with_all_that_can_be_said_of_it(run, path):
    options = ["--evccid", "text:" + VIN.decode(), "--note", "ours", "--disabled"]
    [said] = lines(
        run("add", "EC65CC4FC201", "--expires", "2030-12-31T12:00:00Z", *options, "--json")
    )
    assert said["expires"] == "2030-12-31T12:00:00Z"
    record = vehicle(path)
    assert (record.evccid, record.note, record.enabled) == (VIN, "ours", False)


def test_an_evccid_may_be_given_in_octets(run, path):
    run("add", "EC65CC4FC201", "--evccid", "EC65CC4FC2010000")
    assert vehicle(path).evccid == MAC + b"\0\0"


def test_a_last_day_is_meant_to_its_end(run, path):
    run("add", "EC65CC4FC201", "--expires", "2030-12-31")
    assert time.localtime(vehicle(path).expires)[:5] == (2031, 1, 1, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["add", "EC65CC4FC2"], "is not a MAC address"),
        (["add", "EC65CC4FC201", "--evccid", "EC6"], "--evccid"),
        (["add", "EC65CC4FC201", "--evccid", "text:ü"], "--evccid"),
        (["add", "EC65CC4FC201", "--expires", "soon"], "is no date; give its"),
        (["add", "EC65CC4FC201", "--expires", "9999-12-31"], "--expires"),
        (["add", "EC65CC4FC201", "--label", "two\nlines"], "--label"),
        (["show", "me"], "is no MAC address, no card's number and no eMAID"),
        (["cards", "add", "04A1"], "is not a card's number"),
        (["import", "nowhere.jsonl"], "nowhere.jsonl"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_changes_nothing(run, path, arguments, problem):
    assert problem in run(*arguments, code=2).stderr
    assert not path.exists()


@pytest.mark.parametrize("mac", ["000000000000", "FFFFFFFFFFFF", "01005E000001"])
def test_an_address_that_no_vehicle_can_have_is_not_registered(run, path, mac):
    assert f"{mac} is" in run("add", mac, code=2).stderr
    assert not path.exists()


def test_a_vehicle_that_will_come_with_another_address_is_registered_with_a_warning(run):
    assert "new address for every plug-in" in run("add", "007DFA087C85").stderr


def test_a_vehicle_that_is_registered_already_is_changed_only_if_that_is_said(run, path):
    see(path, 1.0, slac_mac=MAC)
    run("add", "EC65CC4FC201", "--label", "i4")
    see(path, 2.0, slac_mac=MAC)
    before = vehicle(path)
    refused = run("add", "EC65CC4FC201", "--label", "i5", code=1).stderr
    assert "vehicle EC65CC4FC201 is registered already; --replace changes it" in refused
    run("add", "EC65CC4FC201", "--label", "i5", "--replace")
    after = vehicle(path)
    assert after.label == "i5"
    assert (after.added_at, after.times_seen) == (before.added_at, 1)


def test_a_vehicle_is_shown_with_when_it_was_here(run, path):
    run("add", "EC65CC4FC201", "--label", "i4")
    see(path, 2.0, slac_mac=MAC, evccid=MAC)
    see(path, 3.0, slac_mac=OTHER)
    record, sighting = lines(run("show", "EC65CC4FC201", "--json"))
    assert record["times_seen"] == 1
    assert (sighting["at"], sighting["consistent"]) == ("1970-01-01T00:00:02Z", True)
    assert "agree" in run("show", "EC65CC4FC201").stdout


def test_a_vehicle_is_removed(run, path):
    run("add", "EC65CC4FC201")
    assert run("remove", "EC65CC4FC201").stdout == "vehicle EC65CC4FC201 is forgotten\n"
    assert vehicle(path) is None


@pytest.mark.parametrize("command", ["show", "remove"])
def test_a_vehicle_that_is_not_registered_is_exit_code_1(run, command):
    assert "EC65CC4FC201 is not registered" in run(command, "EC65CC4FC201", code=1).stderr


def test_a_table_says_how_each_record_stands(run):
    run("add", "EC65CC4FC201", "--expires", "2099-12-31", "--evccid", "0102030405060708")
    run("add", "DC442711BBAA", "--expires", "2020-12-31")
    run("cards", "add", "04A1B2C3", "--disabled")
    table = run("list").stdout
    for words in ("until 2100-01-01", "expired", "disabled", "EC65CC4FC201 + 0102030405060708"):
        assert words in table


def test_a_label_is_not_read_as_markup(run):
    run("add", "EC65CC4FC201", "--label", "[red]i4[/red]")
    assert "[red]i4[/red]" in run("list").stdout


# Learning.


def test_the_unknown_vehicle_that_was_here_last_is_learned(run, path):
    run("add", "DC442711BBAA")
    see(path, time.time() - 2, slac_mac=MAC, ethernet_mac=MAC, evccid=MAC)
    see(path, time.time() - 1, slac_mac=OTHER)
    said = run("learn", "--last", "--label", "i4").stdout
    assert said == "vehicle EC65CC4FC201 is registered\n"
    record = vehicle(path)
    assert (record.label, record.times_seen, record.evccid) == ("i4", 1, None)


def test_a_vehicle_whose_evccid_is_no_mac_address_is_learned_with_it(run, path):
    see(path, time.time(), slac_mac=MAC, ethernet_mac=MAC, evccid=VIN)
    [record] = lines(run("learn", "--last", "--json"))
    assert record["evccid"] == VIN.hex().upper()
    assert VIN.decode() in run("list").stdout


def test_a_vehicle_whose_claims_contradict_is_not_learned(run, path):
    see(path, time.time(), slac_mac=MAC, evccid=OTHER)
    problem = run("learn", "--last", code=1).stderr
    assert "cannot be registered: the vehicle goes by different MAC addresses" in problem
    assert vehicle(path) is None


def test_a_vehicle_that_said_nothing_is_not_learned(run, path):
    see(path, time.time())
    assert "it said nothing of itself" in run("learn", "--last", code=1).stderr


def test_a_vehicle_that_was_here_long_ago_is_not_learned_by_accident(run, path):
    see(path, time.time() - 4000, slac_mac=MAC)
    assert "in the last 3600 s" in run("learn", "--last", code=1).stderr
    run("learn", "--last", "--within", "5000")


def test_where_every_vehicle_is_known_there_is_nothing_to_learn(run, path):
    run("add", "EC65CC4FC201")
    see(path, time.time(), slac_mac=MAC)
    assert "no unknown vehicle" in run("learn", "--last", code=1).stderr


def test_learning_gives_up_when_nobody_comes(run, path):
    see(path, time.time() - 1, slac_mac=MAC)
    assert "no unknown vehicle came within 0 s" in run("learn", "--wait", "0", code=1).stderr


def test_learning_waits_until_somebody_comes():
    registry = SimRegistry(now=100.0)
    sighting = sighting_of(Identity().learn("slac_mac", MAC, "test", 0.0), 103.0)

    def pause(seconds):
        registry.now += seconds
        if registry.now == 103.0:
            registry.record_sighting(sighting)

    assert awaited(registry, 60.0, lambda: registry.now, pause) == sighting
    assert registry.now == 103.0


def test_sightings_are_listed_with_what_was_wrong_with_them(run, path):
    see(path, 2.0, slac_mac=MAC, evccid=OTHER)
    see(path, 3.0, slac_mac=MAC, evccid=VIN)
    latest, first = lines(run("sightings", "--json"))
    assert (first["mac"], first["consistent"]) == (None, False)
    assert first["identity"]["evccid"] == "DC442711BBAA"
    assert latest["mac"] == "EC65CC4FC201"
    table = run("sightings").stdout
    assert "disagree" in table
    assert VIN.decode() in table


# How vehicles speak.

SHOWN = Fingerprint(
    run_id="MAC+0000", offer=("DIN 2.0 id 1", "ISO 2.0 id 2"), security="none", sdp=4.09
)


def show_up(path, mac=MAC, shown=SHOWN, at=None):
    """Have the running charger record a sighting with a fingerprint."""
    registry = open_registry(path)
    identity = Identity().learn("slac_mac", mac, "test", 0.0 if at is None else at)
    registry.record_sighting(sighting_of(identity, at or time.time(), None, shown))
    registry.close()


def test_what_is_learned_of_a_vehicle_is_shown(run, path):
    show_up(path)
    run("learn", "--last", "--label", "i4")
    said = run("show", "EC65CC4FC201").stdout
    assert "fingerprint, of 1 visit:" in said
    assert "DIN 2.0 id 1; ISO 2.0 id 2" in said
    assert "4.090 s" in said
    assert "the last time" not in said  # that was the visit it was learned from


def test_a_later_visit_is_compared_with_those_before(run, path):
    show_up(path)
    run("learn", "--last")
    show_up(path, shown=replace(SHOWN, sdp=4.1), at=9e9)
    said = run("show", "EC65CC4FC201").stdout
    assert "the last time it was here, its fingerprint is 100% like before" in said


def test_it_is_shown_as_json_too(run, path):
    show_up(path)
    run("learn", "--last")
    _, prints, sighting = lines(run("show", "EC65CC4FC201", "--json"))
    assert prints == {"kind": "fingerprint", "mac": "EC65CC4FC201", "visits": [SHOWN.to_json()]}
    assert sighting["fingerprint"] == SHOWN.to_json()


def test_a_visit_unlike_the_others_is_called_so(run, path):
    show_up(path)
    run("learn", "--last")
    show_up(path, shown=Fingerprint(run_id="all zeros", offer=("ISO",), security="TLS"), at=9e9)
    assert "RunID differs: all zeros, before MAC+0000" in run("show", "EC65CC4FC201").stdout


def test_of_one_of_which_nothing_is_known_that_is_said(run):
    run("add", "EC65CC4FC201")
    assert "none is known yet" in run("show", "EC65CC4FC201").stdout


def test_who_learns_a_rotating_address_is_told_how_it_will_be_recognised(run, path):
    show_up(path, bytes.fromhex("007DFA061234"))
    said = run("learn", "--last").stderr
    assert "recognised by its family and by how it speaks" in said
    assert "[access] rotating says what then" in said


def test_and_if_it_speaks_like_one_that_is_registered(run, path):
    show_up(path, bytes.fromhex("007DFA061234"))
    run("learn", "--last", "--label", "id.4")
    show_up(path, bytes.fromhex("007DFA09ABCD"), at=time.time() + 1)
    said = run("learn", "--last").stderr
    assert "it speaks like vehicle 007DFA061234 (id.4), which is registered already" in said


def test_who_registers_an_address_that_was_made_up_is_told_it_needs_a_card(run):
    assert "will always need a card" in run("add", "02FEED000001").stderr


# Cards.


def test_a_card_is_added_changed_listed_and_removed(run):
    run("cards", "add", "04:a1:b2:c3", "--label", "Ada")
    assert "is registered already" in run("cards", "add", "04A1B2C3", code=1).stderr
    [before] = lines(run("cards", "list", "--json"))
    [after] = lines(run("cards", "add", "04A1B2C3", "--label", "Bob", "--replace", "--json"))
    assert after == {**before, "label": "Bob"}
    assert "Bob" in run("cards", "list").stdout
    assert lines(run("list", "--json")) == [after]
    assert run("cards", "remove", "04A1B2C3").stdout == "card 04A1B2C3 is forgotten\n"
    assert "is not registered" in run("cards", "remove", "04A1B2C3", code=1).stderr


def test_a_card_that_is_new_is_added_even_if_replacing(run):
    run("cards", "add", "04A1B2C3", "--replace")
    assert "04A1B2C3" in run("cards", "list").stdout


def test_what_has_run_out_already_is_registered_with_a_warning(run):
    for words in (
        ("add", "EC65CC4FC201"),
        ("cards", "add", "04A1B2C3"),
        ("contracts", "add", "DE8AA1A2B3C4D5"),
    ):
        assert "its last day is over" in run(*words, "--expires", "2020-01-01").stderr
        assert run(*words, "--replace", "--expires", "2999-01-01").stderr == ""


def test_a_number_that_a_card_draws_anew_each_time_is_registered_with_a_warning(run):
    assert "another number each time" in run("cards", "add", "08123456").stderr
    assert run("cards", "add", "04A1B2C3").stderr == ""


def test_the_address_of_a_server_that_is_none_of_ours_is_no_file(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for url in ("postgres://u@h/db", "mysql://u@h/db"):
        refused = run("add", "EC65CC4FC201", where=("--db", url), code=1).stderr
        assert 'give "postgresql://USER@HOST/DATABASE"' in refused
    assert list(tmp_path.iterdir()) == []


# Export and import.


def test_import_reads_standard_input_and_replaces_what_is_registered(run, path):
    run("add", "EC65CC4FC201", "--label", "i4")
    line = '{"kind": "vehicle", "mac": "ec:65:cc:4f:c2:01", "label": "i5"}\n\n'
    [said] = lines(run("import", "-", "--json", stdin=line))
    assert said["label"] == vehicle(path).label == "i5"
    assert vehicle(path).added_at == pytest.approx(time.time(), abs=60)


GOOD = '{"kind": "card", "uid": "04A1B2C3"}'


def bad_vehicle(**fields):
    return json.dumps({"kind": "vehicle", "mac": "EC65CC4FC201", **fields})


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ("nonsense", "line 3: JSON is malformed"),
        ('{"x": ' + "[" * 20_000, "line 3: JSON is nested too deeply"),
        ('{"kind": "bicycle"}', "line 3: Invalid value 'bicycle' - at `$.kind`"),
        ('{"kind": "card"}', "line 3: Object missing required field `uid`"),
        ('{"kind": "card", "uid": 4}', "line 3: Expected `str`, got `int` - at `$.uid`"),
        ('{"kind": "card", "uid": "4"}', "line 3: '4' is not a card's number"),
        (
            '{"kind": "card", "uid": "04a1b2c3"}',
            "line 3: card 04A1B2C3 is on line 1 already; leave",
        ),
        (bad_vehicle(mac="4"), "line 3: '4' is not a MAC address"),
        (bad_vehicle(mac="000000000000"), "line 3: 000000000000 is all zeros"),
        (bad_vehicle(evccid="x"), "line 3: non-hexadecimal"),
        (bad_vehicle(label="\n"), "line 3: '\\n' is not one line"),
        (bad_vehicle(expires="2030-12-31T00:00:00"), "- at `$.expires`"),
        (bad_vehicle(times_seen=1e99), "- at `$.times_seen`"),
        (bad_vehicle(admin=True), "unknown field `admin`"),
        (b'{"kind": "card", "uid": "\xff"}', "line 3: "),
    ],
)
def test_a_file_with_one_wrong_line_is_not_imported_at_all(run, path, bad, problem):
    stdin = GOOD.encode() + b"\n\n" + (bad if isinstance(bad, bytes) else bad.encode())
    assert problem in run("import", "-", code=1, stdin=stdin).stderr
    assert lines(run("list", "--json")) == []


def test_an_export_that_cannot_be_written_says_where(run, tmp_path):
    run("add", "EC65CC4FC201")
    where = tmp_path / "nowhere" / "backup.jsonl"
    assert f"cannot write {where}: No such file" in run("export", str(where), code=1).stderr


def test_a_backup_is_plain_and_can_be_imported_elsewhere(run, path, tmp_path):
    show_up(path)
    run("learn", "--last", "--label", "i4")
    run("cards", "add", "04A1B2C3", "--label", "Ada", "--disabled")
    run("cards", "add", "04FFFFFF", "--setup")
    run("contracts", "add", "DE-8AA-1A2B3C4D5-V", "--expires", "2030-12-31")
    run("export", "--plain", str(tmp_path / "backup.jsonl"))
    elsewhere = ("--db", str(tmp_path / "elsewhere.sqlite"))
    said = run("import", str(tmp_path / "backup.jsonl"), where=elsewhere)
    assert said.stdout == "1 vehicle, 2 cards, 1 contract registered\n"
    head, *exported = lines(run("export", "--plain", where=elsewhere))
    assert exported == lines(run("export", "--plain"))[1:]
    assert (head["kind"], head["version"], head["names"]) == ("registry", 1, "plain")
    assert exported[0]["fingerprints"] == [SHOWN.to_json()]


def test_one_s_own_backup_changes_nothing(run, path, tmp_path):
    show_up(path)
    run("learn", "--last")
    run("cards", "add", "04A1B2C3")
    run("contracts", "add", "DE8AA1A2B3C4D5", "--expires", "2030-12-31")
    run("export", "--plain", str(tmp_path / "backup.jsonl"))
    *each, sum_ = run("import", "--check", str(tmp_path / "backup.jsonl")).stdout.splitlines()
    assert [line.partition(": ")[2] for line in each] == ["as it is"] * 3
    assert sum_ == "1 vehicle, 1 card, 1 contract could be registered"


def test_a_vehicle_that_has_proven_itself_since_a_backup_still_has(run, path, tmp_path):
    show_up(path)
    run("learn", "--last")
    run("export", "--plain", str(tmp_path / "backup.jsonl"))
    with closing(open_registry(path)) as registry:
        registry.prove(MAC, 1_700_000_000.0)
    run("import", str(tmp_path / "backup.jsonl"))
    assert vehicle(path).proven_at == 1_700_000_000.0


def test_a_vehicle_that_showed_its_certificate_is_registered_with_that(run, path):
    said = Identity().learn("slac_mac", MAC, "test", 1.0)
    proven = said.prove(Proven.CERTIFICATE, HOLDER, "TLS handshake", 1.0)
    with closing(open_registry(path)) as registry:
        registry.record_sighting(sighting_of(proven, time.time()))
    run("learn", "--last")
    assert vehicle(path).certificate == HOLDER
    shown = run("show", "EC65CC4FC201").stdout
    assert "is let in with its certificate only, that of ABABABABABAB" in shown


def test_a_certificate_that_was_bound_since_a_backup_still_is(run, path, tmp_path):
    show_up(path)
    run("learn", "--last")
    run("export", "--plain", str(tmp_path / "backup.jsonl"))
    with closing(open_registry(path)) as registry:
        registry.prove(MAC, 1_700_000_000.0, HOLDER)
    run("import", str(tmp_path / "backup.jsonl"))
    assert vehicle(path).certificate == HOLDER


def test_only_its_owner_may_read_what_is_exported(run, tmp_path):
    run("add", "EC65CC4FC201")
    run("export", "--plain", str(tmp_path / "backup.jsonl"))
    assert stat.S_IMODE((tmp_path / "backup.jsonl").stat().st_mode) == 0o600


def test_without_being_asked_an_export_is_a_report_that_names_nobody(run, path, tmp_path):
    run("add", "EC65CC4FC201", "--label", "i4")
    said = run("export")
    assert "EC65CC4FC201" not in said.stdout
    assert "this is a report, not a backup" in said.stderr
    name = Pseudonyms(key_of(path.with_suffix(".key"))).mac("EC65CC4FC201")
    assert lines(said)[1]["mac"] == name
    refused = run("import", "-", code=1, stdin=said.stdout)
    assert "line 1: this is a report" in refused.stderr


def test_whom_a_name_in_the_log_stands_for_is_found_by_who_has_the_key(run, path):
    show_up(path, OTHER)
    run("add", "EC65CC4FC201")
    run("cards", "add", "04A1B2C3")
    run("contracts", "add", "DE8AA1A2B3C4D5")
    names = Pseudonyms(key_of(path.with_suffix(".key")))
    assert "EC65CC4FC201" in run("show", names.mac("EC65CC4FC201")).stdout
    assert "04A1B2C3" in run("show", names.uid("04A1B2C3")).stdout
    assert "DE8AA1A2B3C4D5" in run("history", names.emaid("DE8AA1A2B3C4D5")).stdout
    seen = run("show", names.mac("DC442711BBAA"), code=1).stderr
    assert "vehicle DC442711BBAA is not registered" in seen
    nobody = Pseudonyms(bytes(32)).mac("EC65CC4FC201")
    said = run("history", nobody, code=1).stderr
    assert f"nobody that this registry knows goes by {nobody}" in said


def test_an_owner_may_ask_for_plain_exports_in_the_configuration(run, path, tmp_path):
    config = tmp_path / "secc.toml"
    config.write_text(f'[registry]\npath = "{path}"\n[privacy]\nmacs = "plain"')
    run("add", "EC65CC4FC201")
    said = run("export", where=("--config", str(config)))
    assert lines(said)[1]["mac"] == "EC65CC4FC201"
    assert said.stderr == ""


def test_a_table_goes_through_a_spreadsheet_and_back(run, path, tmp_path):
    show_up(path)
    run("learn", "--last", "--label", "=i4")
    table = tmp_path / "vehicles.csv"
    run("export", "--plain", str(table))
    assert table.read_bytes() == run("export", "--plain", "--format", "csv").stdout_bytes
    table.write_text("kind,id,label\nvehicle,EC65CC4FC201,'=i5\ncard,04A1B2C3,Ada\n")
    before = vehicle(path)
    checked = run("import", "--check", str(table)).stdout.splitlines()
    assert checked == [
        "vehicle EC65CC4FC201 (=i5): changed (label)",
        "card 04A1B2C3 (Ada): new",
        "1 vehicle, 1 card could be registered",
    ]
    assert vehicle(path) == before
    run("import", str(table))
    assert vehicle(path) == replace(before, label="=i5")
    assert "fingerprint, of 1 visit" in run("show", "EC65CC4FC201").stdout


def test_a_check_of_what_is_wrong_is_an_error_too_and_makes_no_registry(run, path, tmp_path):
    (tmp_path / "table.csv").write_text("kind,id\ncard,4\n")
    assert (
        "line 2: '4' is not"
        in run("import", "--check", str(tmp_path / "table.csv"), code=1).stderr
    )
    assert not path.exists()


# Contracts, setup cards, and the trail.


def test_a_contract_is_added_changed_listed_shown_and_removed(run):
    run("contracts", "add", "de-8aa-1a2b3c4d5-v", "--label", "fleet")
    assert "is registered already" in run("contracts", "add", "DE8AA1A2B3C4D5", code=1).stderr
    [before] = lines(run("contracts", "list", "--json"))
    assert (before["kind"], before["emaid"]) == ("contract", "DE8AA1A2B3C4D5")
    changed = run("contracts", "add", "DE8AA1A2B3C4D5", "--label", "i4", "--replace", "--json")
    assert lines(changed) == [{**before, "label": "i4"}]
    assert "i4" in run("contracts", "list").stdout
    assert "contract" in run("list").stdout
    assert lines(run("show", "DE-8AA-1A2B3C4D5", "--json")) == lines(changed)
    said = run("contracts", "remove", "DE-8AA-1A2B3C4D5-V").stdout
    assert said == "contract DE8AA1A2B3C4D5 is forgotten\n"
    assert "is not registered" in run("contracts", "remove", "DE8AA1A2B3C4D5", code=1).stderr
    assert "is no eMAID" in run("contracts", "remove", "me", code=2).stderr


def test_a_contract_typed_wrong_is_told_by_its_check_digit(run):
    said = run("contracts", "add", "DE-8AA-1A2B3C4D6-V", code=2).stderr
    assert "its check digit is V and should be X" in " ".join(said.split())
    assert run("contracts", "list", "--json").stdout == ""


def test_history_is_found_by_a_misprint_too(run):
    run("contracts", "add", "DE8AA1A2B3C4D5")
    assert "DE8AA1A2B3C4D5" in run("history", "DE-8AA-1A2B3C4D5-9").stdout


def test_a_new_contract_is_added_even_if_replacing(run):
    run("contracts", "add", "DE8AA1A2B3C4D5", "--replace")
    assert "DE8AA1A2B3C4D5" in run("contracts", "list").stdout


def test_a_setup_card_is_called_that(run):
    assert (
        run("cards", "add", "04FFFFFF", "--setup").stdout
        == "setup card 04FFFFFF is registered\n"
    )
    assert "setup card" in run("show", "04FFFFFF").stdout
    [record] = lines(run("list", "--json"))
    assert record["setup"]
    assert "setup card 04FFFFFF is forgotten" in run("cards", "remove", "04FFFFFF").stdout


@pytest.mark.parametrize("name", ["EC65CC4FC201", "04A1B2C3", "DE8AA1A2B3C4D5"])
def test_what_is_not_registered_is_not_shown(run, name):
    run("add", "DC442711BBAA")
    assert f"{name} is not registered" in run("show", name, code=1).stderr


def test_what_became_of_a_vehicle_is_shown(run, path):
    show_up(path, at=NOW)
    run("add", "EC65CC4FC201", "--max-amps", "10")
    show_up(path, at=NOW + 1)
    show_up(path, at=NOW + 2)
    with closing(open_registry(path)) as registry:
        registry.prove(MAC, NOW + 2)
    said = run("show", "EC65CC4FC201").stdout
    for told in ("first seen 20", "2 times in all", "proved itself last 20", "may draw 10 A"):
        assert told in said
    assert "evidence of its last visit, 20" in said
    assert "EC65CC4FC201  test" in said
    assert "enrolled" in said


def test_what_the_owner_does_is_in_the_trail(run, path):
    run("add", "EC65CC4FC201", "--label", "i4")
    run("add", "EC65CC4FC201", "--replace")
    run("remove", "EC65CC4FC201")
    run("cards", "add", "04A1B2C3")
    run("contracts", "add", "DE8AA1A2B3C4D5")
    said = lines(run("history", "--json"))
    assert [entry["kind"] for entry in said] == [
        "enrolled",
        "enrolled",
        "removed",
        "changed",
        "enrolled",
    ]
    assert {entry["by"] for entry in said} == {"owner"}
    [about] = lines(run("history", "04:a1:b2:c3", "--json"))
    assert about == said[1]
    assert "contract DE8AA1A2B3C4D5" in run("history", "DE-8AA-1A2B3C4D5-V").stdout
    assert len(lines(run("history", "--limit", "2", "--json"))) == 2


def test_what_was_decided_is_shown_with_reasons_and_evidence(run, path):
    entry = AuditEntry(
        at=NOW,
        kind=AuditKind.DENIED,
        box="DE*ABC*E1",
        plug_in=7,
        by="card",
        mac=MAC,
        uid="04A1B2C3",
        reasons=("card 04A1B2C3 is not registered",),
        evidence=("SLAC EC65CC4FC201",),
    )
    with closing(open_registry(path)) as registry:
        registry.record_decision(entry)
    said = run("history", "EC65CC4FC201").stdout
    head, why = said.splitlines()
    assert head.endswith("  DE*ABC*E1  denied by card  EC65CC4FC201, card 04A1B2C3")
    assert why.strip() == "card 04A1B2C3 is not registered; SLAC EC65CC4FC201"
    [line] = lines(run("history", "--json"))
    assert (line["plug_in"], line["mac"], line["uid"]) == (7, "EC65CC4FC201", "04A1B2C3")
    assert line["at"] == "2025-10-09T08:53:20Z"


# Where the registry is.


def test_a_registry_that_does_not_exist_yet_is_an_empty_one_and_is_not_made(run, path):
    listed = run("list")
    assert listed.stdout == "none\n"
    assert f"there is no registry {path} yet" in listed.stderr
    assert not path.exists()


def test_a_configuration_says_where_the_registry_is(run, path, tmp_path):
    config = tmp_path / "secc.toml"
    config.write_text(f'[registry]\npath = "{path}"\n')
    run("add", "EC65CC4FC201", where=("--config", str(config)))
    assert vehicle(path) is not None


def test_without_a_word_the_registry_is_here(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("add", "EC65CC4FC201", where=())
    assert vehicle(tmp_path / "seccstack.sqlite") is not None


@pytest.mark.parametrize("text", [None, "registry = 4", b"\xff"])
def test_a_configuration_that_cannot_be_read_is_exit_code_2(run, tmp_path, text):
    config = tmp_path / "secc.toml"
    if text is not None:
        config.write_bytes(text if isinstance(text, bytes) else text.encode())
    problem = run("list", where=("--config", str(config)), code=2).stderr
    assert problem.startswith("seccstack: ")
    assert len(problem.splitlines()) == 1


def test_a_registry_that_is_none_is_exit_code_1_and_one_line(run, path):
    path.write_text("my diary\n" * 1000)
    problem = run("list", code=1).stderr
    assert f"seccstack: registry {path} is not a registry" in problem
    assert len(problem.splitlines()) == 1


COMMANDS = [[c.name or c.callback.__name__] for c in app.registered_commands]


@pytest.mark.parametrize(
    "command", [*COMMANDS, ["cards", "list"], ["cards", "add"], ["cards", "remove"]]
)
def test_every_command_has_an_example(run, command):
    assert "Example: seccstack vehicles" in run(*command, "--help").stdout
