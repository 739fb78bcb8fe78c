"""When a recording begins and ends, what is in it, and what it may cost."""

import io
from dataclasses import replace

import pytest

from seccstack.capture.reader import read_packets
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from seccstack.events import LimitOffered, Noted
from seccstack.pilot import limits
from seccstack.pilot.port import PilotState
from seccstack.recording.entries import Octets, Opened, Secrets, Served, Step
from seccstack.recording.journal import MAX_CHAPTER, Begin, Discard, End, Write, _name
from seccstack.recording.lines import Leg, read_line
from seccstack.recording.review import review
from tests.recording.desk import WALL, Desk
from tests.scenarios.scene import MAC, Scene, character

LONG = {"loops": 100_000}


@pytest.fixture
def scene():
    return Scene("autocharge", car=character(wishes=LONG), known=[MAC])


@pytest.fixture
def desk(scene):
    return Desk(scene)


def legs(desk):
    return [line for line in map(read_line, desk.sidecar.splitlines()) if isinstance(line, Leg)]


def told(sidecar):
    return review("x", sidecar.splitlines())


def heard(packets):
    return sessions_of(read_trace("x", read_packets(io.BytesIO(packets).read)))


def test_a_recording_is_of_one_plug_in_and_named_by_its_vehicle(scene, desk):
    scene.charge().unplug().wait(3).charge().unplug().wait(3)
    assert [begin.plug_in for begin in desk.of(Begin)] == [1, 2]
    assert [vehicle for vehicle, _, _ in desk.done] == [MAC.hex().upper()] * 2
    assert desk.of(Begin)[0].nanoseconds == WALL + 10**9


def test_it_tells_what_a_capture_and_the_charger_know_and_runs_again(scene, desk):
    scene.charge().limit(10).wait(5).unplug().wait(3)
    [(_, sidecar, packets)] = desk.done
    account, [session] = told(sidecar), heard(packets)
    assert account.rerun.identical is True
    assert account.notes == []
    whole = account.session([session.to_json()])
    assert whole["decision"]["by"] == "autocharge"
    assert [limit["amps"] for limit in whole["limits"]] == [16.0, 10.0]
    assert [change["closed"] for change in whole["contactor"]] == [True, False]
    assert len(whole["messages"]) == len(account.sessions[0]["messages"]) > 20
    assert [e for e in whole["errors"] if "twice" not in e["message"]] == []


def test_a_later_one_begins_with_the_state_that_the_machine_had(scene, desk):
    scene.charge().unplug().wait(500).charge().unplug().wait(3)
    (_, first, _), (_, second, _) = desk.done
    assert len(told(second).rerun.omissions) == len(told(first).rerun.omissions) == 0
    assert told(second).rerun.identical is True
    assert told(second).leg.state is not None
    assert told(first).leg.limit is None
    assert told(second).leg.limit == (0.0, 16.0, "installation")


def test_what_happened_shortly_before_is_in_it(scene, desk):
    scene.wait(300).hold_card().wait(20).charge().unplug().wait(3)
    assert b"CardPresented" in desk.done[0][1]
    scene.hold_card().wait(200).charge().unplug().wait(3)
    assert b"CardPresented" not in desk.done[1][1]


def test_a_flood_before_a_plug_in_is_cut_off(scene, desk):
    for _ in range(5 * MAX_CHAPTER):
        scene.limit(10)
    kept = [len(chapter.entries) for chapter in desk.journal._prologue]
    assert kept[0] == MAX_CHAPTER
    assert len(kept) == 2
    scene.charge().unplug().wait(3)
    assert told(desk.done[0][1]).rerun.identical is True


def test_an_outlet_that_is_alone_is_not_recorded(scene, desk):
    scene.wait(1000)
    assert desk.orders == []


def test_it_ends_only_when_the_contactor_is_open(scene, desk):
    scene.charge()
    scene.world.turn(pilots_stuck())
    scene.unplug().wait(0.5)
    assert desk.done == []
    scene.wait(30)
    assert len(desk.done) == 1  # it is known to be welded


def pilots_stuck():
    from seccstack.sim.pilot import ContactorDefect, DefectInjected

    return DefectInjected(ContactorDefect.WELDED)


def test_what_is_plugged_in_when_the_charger_stops_is_told_as_far_as_it_went(scene, desk):
    scene.charge()
    desk.close("the charger was stopped")
    [(vehicle, sidecar, _)] = desk.done
    assert vehicle == MAC.hex().upper()
    assert b"the charger was stopped" in sidecar.splitlines()[-1]
    assert told(sidecar).sessions[0]["ended"].endswith("still plugged in")


def test_where_nothing_is_plugged_in_there_is_nothing_to_close(scene, desk):
    assert desk.close().orders == []


def test_a_vehicle_that_says_nothing_has_no_name():
    scene = Scene(car=character(speaks=False))
    desk = Desk(scene)
    scene.plug_in().wait(3).unplug().wait(3)
    assert desk.of(End) == [End("")]


@pytest.mark.parametrize("claim", ["../../etc/pwd", "EC65CC01020", "", None])
def test_a_name_that_is_no_address_names_no_file(claim):
    identity = dict.fromkeys(("slac_mac", "match_mac", "ethernet_mac"), claim)
    assert _name(identity) == ""
    assert _name({**identity, "ethernet_mac": "02AA00000001"}) == "02AA00000001"


# Bounds.


def test_a_long_charge_is_kept_at_both_ends_within_its_bound(scene):
    desk = Desk(scene, most_octets=100_000)
    scene.charge().wait(600).unplug().wait(3)
    sizes = [len(sidecar) + len(packets) for sidecar, packets in desk.parts.values()]
    assert len(sizes) == 3
    assert sum(sizes) < 130_000  # and the states that the parts begin with
    account = told(desk.done[0][1])
    assert account.rerun.identical is True
    assert account.rerun.steps > 100
    [note] = account.notes
    assert "were not kept: there was no room" in note
    assert account.sessions[0]["ended"].endswith("unplugged")


def test_and_a_capture_of_it_is_read_with_its_gap(scene):
    desk = Desk(scene, most_octets=100_000)
    scene.charge().wait(600).unplug().wait(3)
    [session] = heard(desk.done[0][2])
    names = [message["name"] for message in session.to_json()["messages"]]
    assert names[0] == "supportedAppProtocolReq"
    assert any("octets" in problem.what for problem in session.errors)


def test_parts_are_discarded_as_new_ones_begin(scene):
    desk = Desk(scene, most_octets=80_000)
    scene.charge().wait(500)
    gone = [order.part for order in desk.of(Discard)]
    assert gone == list(range(1, len(gone) + 1))
    assert sorted(desk.parts) == [0, gone[-1] + 1, gone[-1] + 2]


def test_what_a_disk_was_too_slow_for_is_a_gap_that_is_told(scene, desk):
    scene.charge()
    desk.full = True
    scene.wait(5)
    desk.full = False
    desk.journal.skip()
    scene.wait(5).unplug().wait(3)
    account = told(desk.done[0][1])
    assert account.rerun.identical is True
    assert ["were not kept" in note for note in account.notes] == [True]


def test_where_nothing_is_recorded_nothing_is_skipped(scene, desk):
    desk.journal.skip()
    scene.charge().unplug().wait(3)
    assert sorted(desk.parts) == [0]


def test_a_part_waits_until_the_state_can_be_written(scene, monkeypatch):
    desk = Desk(scene, most_octets=100_000)
    scene.charge()
    machine = scene.world.charge_point
    machine.resume = lambda: None
    while len(desk.parts) == 1:
        scene.wait(1)
    [_, second] = legs(desk)
    assert "resume is a builtins.function" in second.unknown
    del machine.resume
    scene.wait(1).unplug().wait(3)
    assert "part 1 has no state" in told(desk.done[0][1]).rerun.omissions[0]
    assert len(desk.parts[0][0] + desk.parts[0][1]) >= 100_000


# Two within one turn of the event loop.


def steps_of(scene, *happened):
    machine = scene.world.charge_point
    for event in happened:
        actions = machine.receive(event, scene.now)
        yield Step(scene.now, event, actions, machine.deadline)


def test_a_plug_in_right_after_another_has_no_state_and_says_so(scene):
    desk = Desk(scene)
    scene.plug_in().wait(0.5)
    a, b = limits.PilotChanged(PilotState.NO_VEHICLE), limits.PilotChanged(PilotState.CONNECTED)
    for step in steps_of(scene, a, b):
        desk.journal.note(step)
    desk.settle()
    assert [begin.plug_in for begin in desk.of(Begin)] == [1, 2]
    assert "only just ended" in legs(desk)[0].unknown
    assert told(desk.sidecar).rerun.identical is None


def test_a_plug_in_while_another_is_being_recorded_ends_that(scene):
    desk = Desk(scene)
    scene.plug_in().wait(0.5)
    note = Noted("plugged in", {"plug_in": 2})
    desk.journal.note(Step(scene.now, None, [note], None))
    desk.settle()
    assert len(desk.of(Begin)) == 2
    assert b"another was plugged in" in desk.done[0][1]


def test_entries_without_anything_to_write_write_nothing(scene, desk):
    scene.plug_in()
    count = len(desk.of(Write))
    desk.journal.note(Served(scene.now, "fe80::2", None))
    desk.settle()
    assert len(desk.of(Write)) == count


# What it discloses.


def keys_in(scene, octets):
    return [key for key in scene.keys if key in octets or key.hex().upper().encode() in octets]


@pytest.mark.parametrize("secrets", [True, False])
def test_network_keys_are_in_it_only_where_they_are_wanted(scene, secrets):
    desk = Desk(scene, secrets=secrets, most_octets=100_000)
    scene.charge().wait(300).unplug().wait(3).charge().unplug().wait(3)
    for _, sidecar, packets in desk.done:
        assert bool(keys_in(scene, sidecar)) == bool(keys_in(scene, packets)) == secrets
        assert told(sidecar).rerun.identical is True
        assert told(sidecar).leg.redacted is not secrets


def test_a_changed_machine_is_reported(scene, desk):
    scene.charge().limit(10).wait(3).unplug().wait(3)
    lines = desk.done[0][1].splitlines()
    first = lines[0].replace(b'"rated_amps":16.0', b'"rated_amps":8.0')
    account = told(b"\n".join([first, *lines[1:]]))
    assert account.rerun.identical is False
    assert account.rerun.acts_alike is False
    assert "then 16.0, now 8.0" in str(account.rerun.differences[0])
    assert replace(read_line(first), settings=None) == replace(
        read_line(lines[0]), settings=None
    )


def test_a_limit_that_is_refused_is_no_limit(scene, desk):
    scene.tell(LimitOffered("installation", 3.0)).charge()
    assert desk.journal._limit[1:] == (16.0, "installation")


@pytest.mark.parametrize("waits", [True, False])
def test_tls_secrets_come_before_the_octets_that_made_them_known(scene, waits):
    desk = Desk(scene, secrets=True)
    scene.charge()
    desk.journal.note(Opened(scene.now, 77, ("fe80::2", 50077), ("fe80::1", 49152)))
    desk.journal.note(Octets(scene.now, 77, "ev", b"client key exchange"))
    if not waits:
        desk.settle()
    for n in (1, 2):
        desk.journal.note(Secrets(scene.now, b"CLIENT_RANDOM 00 1%d\n" % n))
    desk.settle()
    places = [desk.packets.index(text) for text in (b"00 11", b"00 12", b"client key")]
    assert (places == sorted(places)) is waits
