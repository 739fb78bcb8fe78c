"""The EVCC of the package `iso15118` charges at our charger: ISO 15118-2, AC, without TLS.

The charger is `seccstack run` as a process of its own; only its pilot line is simulated, and
turned by hand where the car would. The car's SLAC is ours, the package has none.
"""

from seccstack.auth.addresses import format_mac

CARD = "04A2B3C4D5E680"
WAITING = "Ongoing_WaitingForCustomerInteraction"
UNTIL_TOLD = 10_000  # turns of the charging loop
ALL = ("slac_mac", "match_mac", "ethernet_mac", "ipv6_mac", "evccid")


def response(name, **content):
    """Say whether a line of the car's is this response, with this content."""

    def is_it(line):
        body = line["message"].get("V2G_Message", {}).get("Body", {})
        return name in body and content.items() <= body[name].items()

    return is_it


def amperes(line):
    value = line["message"]["V2G_Message"]["Body"]["ChargingStatusRes"]["EVSEMaxCurrent"]
    assert value["Unit"] == "A"
    return value["Value"] * 10 ** value["Multiplier"]


def close_switch_when_due(stage):
    """Turn the pilot to C when the car is about to ask for power, as a car does."""
    stage.charger.expect(event="message", sender="evse", name="ChargeParameterDiscoveryRes")
    stage.turn("C")


def let_it_charge(stage, car):
    """Let the car begin, and wait until it charges; return where in its lines it does."""
    begin(car)
    close_switch_when_due(stage)
    return car.expect(response("ChargingStatusRes", ResponseCode="OK"), event="received")


def begin(car):
    """Let the car look for a charger, once its JVM is warm."""
    car.expect(event="warm")
    car.begin()


def let_it_end(stage, car):
    """Wait until the car has ended its session as it should."""
    car.expect(response("SessionStopRes", ResponseCode="OK"), event="received")
    stage.charger.expect(event="session ended", how="stopped")
    closed = stage.charger.expect(event="contactor", closed=True)
    stage.charger.expect(event="contactor", closed=False, after=closed)


def test_it_is_matched_charges_obeys_new_limits_and_stops_when_told(stage):
    stage.lay_powerline()
    car = stage.start_car(chargeLoopCycle=UNTIL_TOLD)
    stage.start_charger()
    stage.turn("B")
    stage.match()

    charging = let_it_charge(stage, car)
    assert amperes(car.lines[charging]) == 32
    assert stage.status()["contactor"] == {"closed": True}

    stage.tell("limit", "10")
    lowered = car.expect(
        lambda line: response("ChargingStatusRes")(line) and amperes(line) == 10,
        event="received",
        after=charging,
    )
    stage.tell("limit", "16")
    raised = car.expect(
        lambda line: response("ChargingStatusRes")(line) and amperes(line) == 16,
        event="received",
        after=lowered,
        seconds=15,
    )
    stage.tell("stop")
    stopping = {"EVSENotification": "StopCharging", "NotificationMaxDelay": 0, "RCD": False}
    car.expect(
        response("ChargingStatusRes", AC_EVSEStatus=stopping), event="received", after=raised
    )
    let_it_end(stage, car)
    car.expect(event="ended", successful=True)
    assert car.wait() == 0

    identity, mac = stage.status()["identity"], format_mac(stage.car_mac)
    assert {claim: identity[claim] for claim in ALL} == dict.fromkeys(ALL, mac)
    assert identity["consistent"] is True
    stage.turn("A")
    assert stage.charger.end() == 0
    [sighting] = stage.sightings()
    assert (sighting.mac, sighting.evccid) == (stage.car_mac, stage.car_mac)


def test_a_registered_car_is_recognised_by_itself_over_a_line_that_loses_messages(stage):
    stage.lay_powerline("--loss", "0.15", "--seed", "7")
    stage.vehicles("add", format_mac(stage.car_mac), "--label", "the family's")
    car = stage.start_car()
    stage.start_charger('[access]\npolicy = "autocharge"\n')
    stage.turn("B")
    stage.match()
    let_it_charge(stage, car)
    let_it_end(stage, car)
    decided = stage.status()["decision"]
    assert (decided["granted"], decided["by"]) == (True, "autocharge")
    assert "(the family's) is registered" in " ".join(decided["reasons"])


def test_an_unknown_car_waits_for_a_card_and_then_charges(stage):
    stage.lay_powerline()
    stage.vehicles("cards", "add", CARD)
    car = stage.start_car()
    stage.start_charger('[access]\npolicy = "autocharge"\n')
    stage.turn("B")
    stage.match()
    begin(car)
    waiting = response("AuthorizationRes", ResponseCode="OK", EVSEProcessing=WAITING)
    asked = car.expect(waiting, event="received")
    assert stage.status()["decision"]["granted"] is None

    stage.tell("card", CARD)
    car.expect(
        response("AuthorizationRes", EVSEProcessing="Finished"), event="received", after=asked
    )
    close_switch_when_due(stage)
    let_it_end(stage, car)
    decided = stage.status()["decision"]
    assert (decided["granted"], decided["by"]) == (True, "card")


def test_it_charges_on_a_plain_cable_where_no_modem_answers(stage):
    stage.lay_cable()
    car = stage.start_car()
    stage.start_charger()
    stage.turn("B")
    stage.charger.expect(event="powerline trouble")
    stage.charger.expect(lambda line: line["says"].endswith("32 A"), event="signal")
    let_it_charge(stage, car)
    let_it_end(stage, car)
    identity = stage.status()["identity"]
    assert identity["slac_mac"] is None
    assert identity["evccid"] == format_mac(stage.car_mac)
    assert identity["consistent"] is True
