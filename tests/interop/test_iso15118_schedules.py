"""The EVCC of the package `iso15118` is offered what is foreseen, and what is foreseen anew.

Of several schedules it takes the last, and makes its own profile of it, with nothing at its
end. While it charges it looks at none: that another is offered is seen in what it decodes when
the charger has asked it to negotiate anew. Of a car with a contract that is asked at once where
less is foreseen for now; else offers have to be a minute apart, too long for here.
"""

from datetime import datetime, timedelta

from tests.interop.test_contract import with_contract
from tests.interop.test_iso15118_evcc import UNTIL_TOLD, let_it_charge, let_it_end, response
from tests.interop.test_iso15118_renegotiation import bodies, status
from tests.interop.test_tls import IN_TLS, lab, start

__all__ = ["lab"]  # a fixture

DAY, SECOND = 86_400, timedelta(seconds=1)
MINUTE = 60 * SECOND


def watts(power):
    return power["Value"] * 10 ** power["Multiplier"]


def offers(car):
    """Each offer that it decoded: by schedule, when each PMax begins, and its watts."""
    for _, body in bodies(car, "ChargeParameterDiscoveryRes"):
        yield {
            one["SAScheduleTupleID"]: [
                (entry["RelativeTimeInterval"]["start"], watts(entry["PMax"]))
                for entry in one["PMaxSchedule"]["PMaxScheduleEntry"]
            ]
            for one in body["SAScheduleList"]["SAScheduleTuple"]
        }


def clock(later):
    return f"{datetime.now() + later:%Y-%m-%dT%H:%M:%S}"  # noqa: DTZ005 - as its owner tells it


def near(seconds, of):
    return of - 60 <= seconds <= of


def test_a_car_is_offered_the_day_s_timetable_and_an_even_schedule(stage):
    cheap, dear = (f"{datetime.now() + n * 60 * MINUTE:%H:%M}" for n in (2, 6))  # noqa: DTZ005
    car = stage.start_car(chargeLoopCycle=1)
    stage.lay_cable()
    stage.start_charger(f'[schedule]\ntimes = {{ "{cheap}" = 32, "{dear}" = 10 }}\n')
    limit = stage.status()["limit"]
    assert (limit["amps"], limit["source"]) == (10, "schedule")
    stage.turn("B")
    let_it_charge(stage, car)
    let_it_end(stage, car)
    [found] = offers(car)
    assert [power for _, power in found[1]] == [6_900, 22_080, 6_900]
    assert near(found[1][1][0], 2 * 3600)
    assert near(found[1][2][0], 6 * 3600)
    assert found[2] == [(0, 6_900)]
    [start, _] = [body for _, body in bodies(car, "PowerDeliveryReq")]
    assert start["SAScheduleTupleID"] == 2
    profile = start["ChargingProfile"]["ProfileEntry"]
    ends = [
        (e["ChargingProfileEntryStart"], watts(e["ChargingProfileEntryMaxPower"]))
        for e in profile
    ]
    assert ends == [(0, 6_900), (DAY, 0)]


def test_what_is_foreseen_while_a_car_charges_is_offered_anew(stage, lab):
    car = stage.start_car(lab, chargeLoopCycle=UNTIL_TOLD, **IN_TLS)
    start(stage, with_contract(lab))
    charging = let_it_charge(stage, car)
    stage.tell("forecast", "now=20", f"{clock(120 * MINUTE)}=8", f"{clock(240 * MINUTE)}=16")
    told = response("ChargingStatusRes", **status("ReNegotiation"))
    asked = car.expect(told, event="received", after=charging)
    again = response("ChargingStatusRes", **status("None"))
    car.expect(again, event="received", after=asked)
    first, second = offers(car)
    assert first == {1: [(0, 22_080)]}
    assert [power for _, power in second[1]] == [13_800, 5_520, 11_040]
    assert second[2] == [(0, 5_520)]
    stage.tell("stop")
    let_it_end(stage, car)
