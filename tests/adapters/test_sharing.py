"""The house's place in a running charger."""

import pytest

from seccstack.adapters.control import MisusedError
from seccstack.adapters.operator import Operator
from seccstack.adapters.outlet import settings_of
from seccstack.adapters.sharing import House, amps_of
from seccstack.adapters.sharing import settings_of as sharing_of
from seccstack.adapters.steps import Steps
from seccstack.config import parse
from seccstack.energy.arbiter import HOUSE, NETWORK_OPERATOR, SOLAR, PhasesUsed, Source
from seccstack.energy.peak import ContactTurned
from seccstack.energy.reading import Reading
from seccstack.errors import ConfigError, UsageError
from tests.adapters.conftest import run
from tests.adapters.test_app import charger, status
from tests.adapters.test_app import tell as order
from tests.programs import seccstack

METER = '[meter]\nkind = "simulated"\n'
SHARED = f'{METER}[energy]\nconnection_amps = 35\nsolar = "strict"\n'


def reading(*amps):
    none = (None,) * len(amps)
    return Reading(
        volts=none, amps=amps, phase_watts=none, watts=None, energy_wh=None, hertz=None
    )


def fed(act, text=SHARED):
    """Return what the outlet is fed while a house and its operator do something."""

    async def scenario():
        told = []
        house = House(parse(text), told.append)
        act(house, Operator(told.append, None, None, dict, bool, Steps(), house=house))
        return [(each.source, each.amps) for each in told]

    return run(scenario())


def tell(do, value, text=SHARED):
    return fed(lambda house, operator: operator.obey({"do": do, "value": value}), text)


def test_both_meters_together_make_offers():
    def act(house, operator):
        house.take_own(reading(0.0, 0.0, 0.0))
        house.take_house(reading(3.0, 4.0, 5.0))
        house.take_own(reading(0.0, 0.0, 0.0))

    assert fed(act) == [(HOUSE, 27.0), (SOLAR, 0.0)]


def test_a_reading_that_lacks_a_phase_is_none():
    assert amps_of(reading(1.0, None, 2.0)) is None
    assert amps_of(reading()) is None

    def act(house, operator):
        house.take_own(reading(None))
        house.take_house(reading(None))

    assert fed(act) == []


def test_who_measures_a_house_otherwise_may_tell_it():
    def act(house, operator):
        house.take_own(reading(0.0, 0.0, 0.0))
        operator.obey({"do": "house", "value": "3 -4 5.5"})
        house.take_own(reading(0.0, 0.0, 0.0))

    assert fed(act) == [(HOUSE, 27.0), (SOLAR, 0.0)]


@pytest.mark.parametrize(
    ("value", "text", "why"),
    [
        ("1 2", SHARED, "has 3 phases; not 2"),
        ("1 2 nan", SHARED, "no currents"),
        ("1 2 3", METER, r"set energy\.connection_amps or energy\.solar"),
        ("1 2 3", f'{SHARED}[house_meter]\nkind = "simulated"', "a meter of its own"),
    ],
)
def test_what_cannot_be_taken_is_refused(value, text, why):
    with pytest.raises(UsageError, match=why):
        tell("house", value, text)


def test_words_are_no_currents():
    with pytest.raises(MisusedError, match=r"amperes per phase.*12\.5 3 -4"):
        tell("house", "1 2 three")


@pytest.mark.parametrize(
    ("value", "amps"), [("on", [6.0]), ("10", [10.0]), ("off", [None, None]), ("none", [None])]
)
def test_the_network_operator_is_obeyed_without_any_meter(value, amps):
    assert tell("network-limit", value, "") == [(NETWORK_OPERATOR, each) for each in amps]


def test_nobody_frees_a_vehicle_from_a_contact_that_is_read():
    read = f'{SHARED}contact = "input"\n'

    def act(house, operator):
        house.take(ContactTurned(True))
        operator.obey({"do": "network-limit", "value": "off"})

    assert {amps for source, amps in fed(act, read)} == {6.0}
    with pytest.raises(UsageError, match="is read"):
        tell("network-limit", "on", read)


def test_a_network_limit_that_is_no_current_is_refused():
    with pytest.raises(MisusedError, match="number of amperes"):
        tell("network-limit", "much")


def test_without_a_house_there_is_nothing_to_share():
    operator = Operator(print, None, None, dict, bool, Steps())
    with pytest.raises(UsageError, match="nothing is shared out"):
        operator.obey({"do": "house", "value": "1 2 3"})


def test_the_outlet_waits_for_the_word_of_both_with_their_safe_values():
    safe = "house_safe_amps = 9\nsolar_safe_amps = 7\n"
    sources = settings_of(parse(SHARED + safe)).sources
    assert sources == (Source(HOUSE, 9.0), Source(SOLAR, 7.0))
    assert settings_of(parse("")).sources == ()


def test_what_is_not_configured_is_not_set_up():
    settings = sharing_of(parse(""))
    assert (settings.house, settings.sun) == (None, None)


def test_a_fuse_that_leaves_nothing_is_refused():
    with pytest.raises(ConfigError, match=r"energy\.connection_amps"):
        sharing_of(parse(f"{METER}[energy]\nconnection_amps = 7"))


def test_a_charger_follows_what_it_is_told_of_its_house(tmp_path):
    config = f'{SHARED.replace("strict", "direct")}[recorder]\nfolder = "rec"\n'
    with charger(tmp_path, config) as program:
        program.expect(event="limit", amps=6.0, source="house")
        program.expect(event="ready")
        order(tmp_path, "plug")
        program.expect(event="contactor", closed=True)
        while status(tmp_path)["limit"]["amps"] != 20.0:
            order(tmp_path, "house", "18", "12", "-3")
        order(tmp_path, "network-limit", "on")
        program.expect(event="limit", amps=6.0, source="network operator")
        order(tmp_path, "unplug")
        program.expect(event="unplugged")
        assert program.end() == 0
    [capture] = (tmp_path / "rec").glob("*.pcapng")
    told = seccstack("replay", capture, "--strict-rerun", folder=tmp_path)
    assert "set by house: others draw " in told
    assert "set by network operator: its contact is on" in told


def test_which_phases_the_vehicle_uses_is_told_once_that_is_clear():
    def act(house, operator):
        house._clock = iter([0.0, 0.0, 30.0, 30.0]).__next__
        house.take_own(reading(16.0, 0.0, 0.0))
        house.take_own(reading(16.0, 0.0, 0.0))

    async def scenario():
        told = []
        act(House(parse(""), told.append), None)
        return told

    assert run(scenario()) == [PhasesUsed((0,))]


def test_sources_that_are_waited_for_have_their_safe_values():
    text = '[pilot]\ncable = "socket"\n[temperature]\nkind = "simulated"\nsafe_amps = 8\n'
    sources = settings_of(parse(f"{text}[energy]\nback_office_safe_amps = 10")).sources
    assert sources == (Source("cable", 0), Source("thermal", 8), Source("back office", 10))
