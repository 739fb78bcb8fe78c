"""What is said where no whole charge is needed to see it."""

import pytest

from seccstack import sdp
from seccstack.energy import arbiter
from seccstack.energy.supply import SetOutput
from seccstack.events import DatagramReceived, Ignored, Noted, SendDatagram
from seccstack.explain.account import Accounts
from seccstack.explain.answer import lasted
from seccstack.explain.drawing import LIMITS
from seccstack.pilot.limits import Apply, SetContactor
from seccstack.pilot.port import Digital, Limit

STATION = "fe80::1"
LIMIT_SOURCES = {
    name: value
    for name, value in vars(arbiter).items()
    if name.isupper() and isinstance(value, str)
}


def note(event, **details):
    return Noted(event, details)


PLUGGED = (
    note("pilot", state="A"),
    note("limit", amps=16.0, source="installation"),
    note("pilot", state="B"),
    note("plugged in", plug_in=1),
    Apply(Digital()),
)
GRANTED = note("decision", granted=True, by="open", reasons=["everybody may charge here"])
READY = note("pilot", state="C")
CLOSED = (SetContactor(True), note("contactor", closed=True))


def outlet(*actions, event=None, now=30.0, dc=False):
    """The accounts of an outlet where a vehicle is plugged in, and then this happens."""
    accounts = Accounts(dc=dc)
    accounts.observe(0.0, None, PLUGGED)
    accounts.observe(1.0, event, actions)
    return accounts.to_json(now)


def answer(*actions, **how):
    return outlet(*actions, **how)[0]["answer"]


def test_one_that_may_not_bear_5_percent_is_to_be_plugged_in_anew():
    offered = (GRANTED, Apply(Limit(16)))
    told = answer(*offered, note("stuck", seconds=30.0))
    assert told["says"].endswith("do so after 5 %, until they are plugged in anew.")
    assert "plug" in told["do"][0]
    assert answer(*offered)["do"] == told["do"][1:]


def refused(*reasons, granted=False):
    return note("decision", granted=granted, by=None, reasons=list(reasons))


def limit(source, amps=0.0):
    return note("limit", amps=amps, source=source)


def test_before_anything_is_known_it_is_starting():
    [account] = Accounts().to_json(0.0)
    assert account["answer"]["cause"] == "starting"


@pytest.mark.parametrize("source", sorted(LIMIT_SOURCES.values()))
def test_whoever_sets_a_limit_is_named_and_what_to_do_about_it(source):
    told = answer(GRANTED, limit(source))
    assert told["says"] == (
        f"The limit is 0 A, set by {source}; the least that can be offered is 6 A."
    )
    assert told["do"] == [LIMITS[source]]


def test_a_source_of_ones_own_can_be_taken_back():
    assert answer(GRANTED, limit("attic"))["do"] == [
        "take it back: `seccstack tell limit none --source 'attic'`"
    ]


def test_a_line_at_minus_12_volts_is_no_doing_of_ours():
    faults = (note("pilot", state="F"), note("pilot fault", state="F"), note("unplugged"))
    told = answer(*faults)
    assert (told["cause"], told["turn"]) == ("pilot F", "electrician")


def test_who_was_revoked_is_told_why():
    told = answer(GRANTED, note("revoked", reasons=["the vehicle goes by different MAC addr"]))
    assert told["says"].startswith("It may not charge any more: the vehicle goes by different")


def test_a_new_grant_ends_a_revocation():
    revoked = note("revoked", reasons=["the vehicle goes by different MAC addresses"])
    assert answer(GRANTED, revoked, GRANTED)["cause"] == "plugged in"


def test_a_decision_without_reasons_is_told_as_open():
    told = answer(refused(granted=None))
    assert told["says"] == "It waits until it is decided whether it may charge."


def test_who_waits_for_the_registry_is_told_so():
    told = answer(refused("the registry is being asked about vehicle X", granted=None))
    assert told["says"].startswith("It waits for the registry: the registry is being asked")


def test_who_waits_for_a_contract_is_told_so():
    told = answer(refused("a contract is awaited", granted=None))
    assert told["says"] == "It waits for its contract."


def test_a_contract_that_was_refused_is_told_with_its_reason():
    contract = note("contract refused", why="it is not listed", code="FAILED")
    told = answer(contract, refused("no contract was proven in 57 s"))
    assert told["says"] == (
        "It may not charge: no contract was proven in 57 s; its contract was refused: it is "
        "not listed (FAILED)."
    )


def test_a_contract_that_is_proven_later_was_not_refused():
    contract = note("contract refused", why="it is not listed", code="FAILED")
    proven = note("contract", emaid="DE8AA1A2B3C4D5", root="MO")
    told = answer(contract, proven, refused("no contract was proven in 57 s"))
    assert "refused" not in told["says"]


@pytest.mark.parametrize(
    ("why", "cause"),
    [
        ("it is registered for 10 A at most", "charging as registered"),
        ("that is enough here for 6 A", "charging by likeness"),
        ("confidence 0.40, wanted is 0.50 (x): 6 A, until", "charging unsure"),
        ("the moon is full", "charging reduced"),
    ],
)
def test_why_it_draws_less_is_told(why, cause):
    access = note("access limit", amps=10.0, why=f"vehicle X is registered; {why}")
    told = answer(GRANTED, access, limit("access", 10.0), READY, *CLOSED)
    assert told["cause"] == cause
    assert told["says"].startswith("It charges with up to 10 A only: ")


def test_power_that_nobody_draws_is_told():
    nothing = note("current", amps=0.0)
    assert answer(GRANTED, READY, *CLOSED, nothing, now=5.0)["cause"] == "charging"
    told = answer(GRANTED, READY, *CLOSED, nothing)
    assert told["says"] == "Power is on, and the vehicle draws nothing of its 16 A."


def test_the_reason_of_a_limit_is_said_with_it():
    night = note("limit", amps=0.0, source="solar", why="the sun leaves 0.0 kW")
    told = answer(GRANTED, night)["says"]
    assert told.startswith("The limit is 0 A, set by solar (the sun leaves 0.0 kW);")


def test_where_no_limit_is_known_none_is_made_up():
    accounts = Accounts()
    accounts.observe(0.0, None, [note("plugged in", plug_in=1), GRANTED, READY, *CLOSED])
    [account] = accounts.to_json(1.0)
    assert account["answer"]["says"] == "It charges as it should, up to all there is."


def test_a_contactor_that_is_about_to_close_is_told():
    assert answer(GRANTED, READY, SetContactor(True), note("contactor", closed=False))[
        "cause"
    ] == ("closing")


def test_who_had_power_and_asks_for_none_any_more_is_satisfied():
    accounts = Accounts()
    accounts.observe(0.0, None, [*PLUGGED, GRANTED, Apply(Limit(16.0)), READY, *CLOSED])
    done = (note("pilot", state="B"), SetContactor(False), note("contactor", closed=False))
    accounts.observe(3600.0, None, done)
    told = accounts.to_json(3900.0)[0]["answer"]
    assert told["says"] == (
        "The vehicle does not want energy any more, after 1 h 0 min (state B since 5 min)."
    )


def test_who_leaves_its_session_without_energy_is_told_so():
    told = answer(GRANTED, note("session ended", how="stopped"))
    assert "ended its session itself, before it had charged" in told["says"]


def test_a_session_that_broke_off_is_told_with_what_may_come():
    opened = note("stream opened", address=STATION)
    broken = note("session ended", how="broken", why="no request within 60 s")
    told = answer(GRANTED, opened, broken)
    assert told["says"].startswith("Its session has just broken off, and it may open another")


def test_a_session_without_a_word_is_told_as_one():
    told = answer(note("stream opened", address=STATION))
    assert told["says"].endswith("the vehicle's last request: nothing so far.")


def test_who_is_asked_once_more_is_told_so():
    told = answer(GRANTED, note("pulse width", why="our modem reported no sound"))
    assert told["says"] == (
        "It is asked once more to speak ISO 15118, as our modem heard none of the vehicle's "
        "sounds."
    )


# TLS.


def asked(security):
    octets = sdp.SdpRequest(security).encode()
    return DatagramReceived(STATION, 50000, octets)


def answered(security):
    octets = sdp.SdpResponse(bytes(15) + b"\1", 49152, security).encode()
    return SendDatagram(STATION, 50000, octets)


def test_a_vehicle_that_asks_for_tls_where_there_is_none():
    event = asked(sdp.SECURITY_TLS)
    told = answer(answered(sdp.SECURITY_NONE), event=event)
    assert told["says"] == "The vehicle asked for TLS, and we have no certificate to show it."
    assert told["do"][0] == 'make it known: tls.mode = "offer", and tls.chains'


def test_a_vehicle_that_asked_for_tls_and_connects_without_has_nothing_to_complain_of():
    opened, over = note("stream opened", address=STATION), note("session ended", how="paused")
    event = asked(sdp.SECURITY_TLS)
    told = answer(GRANTED, answered(sdp.SECURITY_NONE), opened, over, event=event)
    assert told["cause"] == "paused"


def test_one_that_gets_tls_is_told_when_that_fails():
    failed = note("handshake failed", address=STATION, why="it sent unknown_ca")
    event = asked(sdp.SECURITY_TLS)
    told = answer(answered(sdp.SECURITY_TLS), failed, event=event)
    assert told["says"] == "TLS with the vehicle came to nothing: it sent unknown_ca."


@pytest.mark.parametrize(
    ("why", "cause", "says"),
    [
        (
            "the vehicle's certificate is refused: it has expired: CN=WMIV1",
            "vehicle certificate refused",
            "The vehicle's own certificate is not believed: it has expired: CN=WMIV1.",
        ),
        (
            "the vehicle shows no certificate of its own, or has none on a curve of",
            "no vehicle certificate",
            "The vehicle speaks TLS 1.3, and shows no certificate of its own, as it has to.",
        ),
    ],
)
def test_one_whose_certificate_is_none_of_a_vehicle_is_told_so(why, cause, says):
    failed = note("handshake failed", address=STATION, why=why)
    told = answer(answered(sdp.SECURITY_TLS), failed, event=asked(sdp.SECURITY_TLS))
    assert (told["cause"], told["says"]) == (cause, says)


@pytest.mark.parametrize(
    ("why", "cause"),
    [
        ("it asks for no TLS, and TLS is required", "TLS required"),
        ("TLS is required, and there is no certificate to show", "no certificate"),
        ("security 07 is reserved", "SDP"),
    ],
)
def test_a_search_that_is_not_answered_is_told(why, cause):
    assert answer(Ignored("SDP request", why))["cause"] == cause


def test_a_search_that_is_answered_at_last_is_forgotten():
    refusal = Ignored("SDP request", "more than 20 per second")
    assert answer(refusal, answered(sdp.SECURITY_NONE))["cause"] == "plugged in"
    opened = note("stream opened", address=STATION)
    assert answer(opened, refusal)["cause"] == "in session"


def test_what_is_no_sdp_says_nothing_of_tls():
    junk = DatagramReceived(STATION, 50000, b"junk")
    reply = SendDatagram(STATION, 50000, b"junk")
    [account] = outlet(reply, event=junk)
    assert account["answer"]["cause"] == "plugged in"
    assert not any("TLS" in step["says"] for step in account["steps"])


# What else is the case.


def also(*actions):
    return outlet(*actions)[0]["also"]


def test_what_else_is_wrong_is_told_beside_it():
    assert also(note("powerline trouble", why="the modem is silent: x")) == [
        "the modem does not answer (x)"
    ]
    assert also(note("network lost", why="eth1 went down")) == [
        "nobody can connect: the network is lost (eth1 went down)"
    ]
    assert also(note("registration", on=True, step="started", says="it begins")) == [
        "vehicles and cards are being registered"
    ]
    problems = note("certificates", chains=[], problems=["v2g-a.secc has expired"])
    assert also(problems) == ["certificates for TLS: v2g-a.secc has expired"]
    assert also(note("locked out", seconds=900.0)) == [
        "after too many strangers, no address alone is enough for another 14 min"
    ]


def test_what_is_over_is_told_no_more():
    trouble = note("powerline trouble", why="the modem is silent: x")
    assert also(trouble, note("powerline recovered")) == []
    assert also(note("locked out", seconds=900.0), note("lock-out lifted")) == []


def test_a_supply_that_recovers_is_fine():
    told = answer(note("supply", fault="too hot"), note("supply", fault=""), GRANTED, dc=True)
    assert told["cause"] == "plugged in"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (7260, "2 h 1 min")],
)
def test_how_long_is_said_as_people_do(seconds, said):
    assert lasted(seconds) == said


def test_where_nobody_can_say_who_it_is_that_is_said_once():
    silent = note("pulse width", why="no CM_SLAC_PARM.REQ came within 50 s")
    told = answer(silent, refused("the vehicle has not said who it is", "a card is awaited"))
    assert told["says"] == (
        "It may not charge: nobody can tell who it is, because SLAC never began within 50 s: "
        "this vehicle does not seem to speak ISO 15118."
    )


def test_a_card_takes_back_what_a_card_has_stopped():
    why = "card 04A2B3C4D5E680, which started it, was held to the reader again"
    stopped = (GRANTED, note("halted", why=why), note("stop wanted", why=why))
    assert answer(*stopped)["cause"] == "stopped by a card"
    assert answer(*stopped, GRANTED)["cause"] == "plugged in"


def test_a_stop_without_words_is_said_as_it_is():
    stopped = (note("halted", why="x"), note("stop wanted", why="the moon is full"))
    assert answer(GRANTED, *stopped)["says"] == "The charge was stopped: the moon is full."


def test_a_link_that_is_lost_leaves_nothing_linked():
    assert answer(note("link ready"), note("link lost"))["cause"] == "plugged in"


def test_a_dc_outlet_has_no_contactor_to_go_by():
    contactor = note("contactor", closed=False)
    on = SetOutput(400.0, 100.0)
    [account] = outlet(GRANTED, READY, on, contactor, now=61.0, dc=True)
    assert account["answer"]["cause"] == "charging"
    assert account["charged"] == 60.0


def ignores(step):
    return note("limit ignored", step=step, amps=13.0, drawn=16.0, seconds=5.0)


def test_a_vehicle_that_keeps_to_no_limit_is_told_of_while_it_draws():
    drawn = note("current", amps=16.0)
    told = answer(GRANTED, READY, *CLOSED, drawn, limit("house", 13.0), ignores("noted"))
    assert told["says"] == "It charges with 16 A of 13 A: that is too much, and it was noted."
    assert told["cause"] == "limit ignored"


def test_but_not_once_it_obeys():
    drawn = note("current", amps=13.0)
    told = answer(GRANTED, READY, *CLOSED, drawn, limit("house", 13.0), ignores("obeyed"))
    assert told["cause"] == "charging"


def test_and_when_it_was_stopped_for_that_its_owner_has_given_no_command():
    stop = note("stop wanted", why="it draws 16 A of 13 A, for 10.0 s")
    told = answer(GRANTED, ignores("X1"), stop)
    assert told["says"] == (
        "The charge was stopped, because the vehicle kept to no limit: "
        "it draws 16 A of 13 A, for 10.0 s."
    )


def test_one_that_disobeyed_once_and_is_stopped_later_is_stopped_by_its_owner():
    stop = note("stop wanted", why="enough")
    told = answer(GRANTED, ignores("noted"), ignores("obeyed"), stop)
    assert told["says"] == "The charge was stopped by the owner's command: enough."


def test_what_it_drew_before_its_meter_fell_silent_is_not_told():
    told = answer(GRANTED, READY, *CLOSED, note("current", amps=9.0), note("current lost"))
    assert told["says"] == "It charges as it should, up to 16 A (set by installation)."


# Limits of the box.


@pytest.mark.parametrize(
    ("source", "why", "turn"),
    [
        ("thermal", "the charger is at 85 degrees Celsius", "charger"),
        ("power return", "the power was away", "charger"),
        ("cable", "no cable is plugged in", "owner"),
        ("installation", "its rated current is 0 A: it never charges", "owner"),
    ],
)
def test_a_limit_that_leaves_nothing_is_told_with_its_reason_and_whose_turn_it_is(
    source, why, turn
):
    told = answer(GRANTED, note("limit", amps=0.0, source=source, why=why))
    assert (told["cause"], told["turn"]) == ("limit", turn)
    assert f"The limit is 0 A, set by {source} ({why})" in told["says"]


def test_who_charges_with_less_since_it_is_hot_is_told_so():
    hot = note("limit", amps=9.0, source="thermal", why="the charger is at 75 degrees Celsius")
    told = answer(GRANTED, hot, READY, *CLOSED)
    assert "(set by thermal: the charger is at 75 degrees Celsius)" in told["says"]


def test_a_simplified_pilot_is_told_after_a_fault_too():
    states = [note("pilot", state=state) for state in "ACEC"]
    assert answer(*states, GRANTED)["cause"] == "simplified pilot"
