"""A configuration is right, or says what would be."""

import pytest

from seccstack.config import Config, parse
from seccstack.errors import ConfigError, UsageError
from seccstack.session.plant import Charger


def test_an_empty_file_is_a_charger_that_needs_no_hardware():
    assert parse("") == Config()
    assert parse("").powerline.kind == "simulated"


def test_what_is_given_is_taken():
    config = parse('[charger]\nphases = 1\nrated_amps = 16\n[access]\npolicy = "autocharge"')
    assert (config.charger.phases, config.charger.rated_amps) == (1, 16)
    assert config.access.policy == "autocharge"


@pytest.mark.parametrize(
    "place",
    ['[network]\ninterface = "eth1"', '[powerline]\nkind = "ethernet"\ninterface = "x"'],
)
def test_tls_is_served_where_there_is_a_network_and_a_chain(place):
    config = parse(f'{place}\n[tls]\nmode = "require"\nchains = ["a", "b"]')
    assert (config.tls.mode, config.tls.chains) == ("require", ["a", "b"])


TLS = '[network]\ninterface = "eth1"\n[tls]\nmode = "offer"\nchains = ["a"]\n'
TAKEN = "[access]\ncontract = true\n"


def test_contracts_are_taken_in_tls_by_roots_that_are_named():
    contract = '[contract]\nroots = ["mo.pem"]\ntrust = "list"\nemaids = ["DE-8AA-1A2B3C4D5-V"]'
    config = parse(TLS + TAKEN + contract)
    assert config.access.contract
    assert config.contract.emaids == ["DE-8AA-1A2B3C4D5-V"]


@pytest.mark.parametrize(
    ("text", "key", "right"),
    [
        (TAKEN, "access.contract", 'set tls.mode = "offer"'),
        (TLS + TAKEN, "contract.roots", "a mobility operator's root certificate"),
        ('[contract]\nemaids = ["somebody"]', "contract.emaids[0]", "give an eMAID"),
        (
            '[contract]\nemaids = ["DE83DUIEN83QGZ", "DE83DUIEN83QGZ9"]',
            "contract.emaids[1]",
            "its check digit is 9 and should be D; correct it, or leave",
        ),
        ('[contract]\nrevocation = "no"', "contract.revocation", "'soft' or 'hard'"),
    ],
)
def test_contracts_that_could_not_be_proven_are_no_configuration(text, key, right):
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert str(caught.value).startswith(f"{key}: ")
    assert right in str(caught.value)


CORRECTED = "powerline.attenuation_correction_db"
CORRECTION = "[powerline]\nattenuation_correction_db"


@pytest.mark.parametrize("correction", [-3, [*range(-29, 29)]])
def test_attenuation_is_corrected_by_one_number_or_by_one_for_each_group(correction):
    config = parse(f"{CORRECTION} = {correction}")
    assert config.powerline.attenuation_correction_db == correction


@pytest.mark.parametrize(
    ("text", "key", "problem", "right"),
    [
        ("x =", "the file", "is not TOML", "correct that line"),
        ("[acces]", "acces", "is not a key", "access"),
        ("[charger]\namps = 1", "charger.amps", "is not a key", "rated_amps"),
        ('[charger]\nrated_amps = "16"', "charger.rated_amps", "is '16'", "a number"),
        ("[charger]\nrated_amps = 5", "charger.rated_amps", "is 5", "or 0, which never"),
        ("[charger]\nrated_amps = 81", "charger.rated_amps", "is 81", "<= 80"),
        ("[charger]\nrated_amps = nan", "charger.rated_amps", "is nan", "a number"),
        ('[charger]\ncurrent = "ac/dc"', "charger.current", "is 'ac/dc'", "'ac' or 'dc'"),
        ("[supply]\nmin_volts = 500", "supply.min_volts", "is not below", "what the supply"),
        ("[supply]\nmin_amps = 125", "supply.min_amps", "is not below", "what the supply"),
        ("[supply]\nmax_watts = 0", "supply.max_watts", "is 0", "> 0"),
        ("[charger]\nphases = 2", "charger.phases", "is 2", "1 or 3"),
        ('[charger]\nevse_id = "DE*ABC"', "charger.evse_id", "is 'DE*ABC'", "give 7 to 37"),
        ('[access]\npolicy = "free"', "access.policy", "is 'free'", "open, card or autocharge"),
        ('[access]\npolicy = "open and card"', "access.policy", "is 'open", "ways of card"),
        ('[access]\npolicy = "card or contract"', "access.contract", "is false", "set"),
        ("[access]\nautocharge_confidence = 2", "access.autocharge_confidence", "is 2", "<= 1"),
        ('[access]\nbelow = "no"', "access.below", "is 'no'", "or 'reduced' or 'refuse'"),
        (f"{CORRECTION} = [1, 2]", CORRECTED, "is [1, 2]", "a list of length >= 58"),
        (f"{CORRECTION} = {[1] * 59}", CORRECTED, "is [1, 1", "a list of length <= 58"),
        (f'{CORRECTION} = "3"', CORRECTED, "is '3'", "a whole number or a list"),
        (f"{CORRECTION} = 41", CORRECTED, "is 41", "<= 40"),
        (f"{CORRECTION} = {[0, 99] * 29}", f"{CORRECTED}[1]", "is 99", "<= 40"),
        ('[powerline]\nvalidation = "x"', "powerline.validation", "is 'x'", "'on' or 'off'"),
        ("[pilot]\nstep_ef_seconds = 9", "pilot.step_ef_seconds", "is 9", "<= 8"),
        ("[network]\nport = 80", "network.port", "is 80", ">= 49152"),
        ("charger = 3", "charger", "is 3", "a table"),
        ('[powerline]\nkind = "ethernet"', "powerline.interface", "is empty", "eth1"),
        ("[charger]\nsafe_amps = 40", "charger.safe_amps", "is 40", "<= 6"),
        ('[tls]\nmode = "on"', "tls.mode", "is 'on'", "'forbid' or 'offer' or 'require'"),
        ('[tls]\nmode = "offer"', "tls.chains", "is empty", "`python -m pki` makes some"),
        (
            '[tls]\nmode = "offer"\nchains = ["x"]',
            "tls.mode",
            "is 'offer', and nothing goes over a network here",
            "name network.interface",
        ),
    ],
)
def test_a_wrong_file_says_which_key_what_is_wrong_and_what_would_be_right(
    text, key, problem, right
):
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert caught.value.key == key
    assert problem in caught.value.problem
    assert right in caught.value.right


LEGAL = ["DE*ABC*E000001", "+49*123*456789", "ZZ00000", "x" * 37]
NOT_LEGAL = [
    "x" * 6,
    "x" * 38,
    "DE*ABC*E00\\u0000",
    "DE*ABC*E1\\n",
    "DE*ABC*E\u00e9",
    "DE ABC E1",
]


@pytest.mark.parametrize("evse_id", LEGAL)
def test_an_evse_id_that_is_legal_is_one_that_a_vehicle_can_be_told(evse_id):
    charger = parse(f'[charger]\nevse_id = "{evse_id}"').charger
    assert Charger(evse_id=charger.evse_id).evse_id == evse_id


@pytest.mark.parametrize("evse_id", NOT_LEGAL)
def test_an_evse_id_that_no_message_can_hold_is_refused_at_once(evse_id):
    with pytest.raises(ConfigError, match="A-Z, a-z, 0-9"):
        parse(f'[charger]\nevse_id = "{evse_id}"')
    with pytest.raises(UsageError, match="A-Z, a-z, 0-9"):
        Charger(evse_id=evse_id.encode().decode("unicode_escape"))


def test_the_recorder_is_off_until_it_has_a_folder_and_hides_keys_until_told():
    assert parse("").recorder.folder == ""
    recorder = parse('[recorder]\nfolder = "rec"').recorder
    assert (recorder.folder, recorder.secrets, recorder.max_megabytes) == ("rec", False, 500.0)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("max_megabytes = 0.5", "max_megabytes"),
        ("max_days = 0", "max_days"),
        ('secrets = "yes"', "secrets"),
        ("max_megabytes = 10\nper_plug_in_megabytes = 11", "per_plug_in_megabytes"),
    ],
)
def test_bounds_of_the_recorder_that_make_no_sense_are_refused(text, key):
    with pytest.raises(ConfigError, match=rf"recorder\.{key}"):
        parse(f"[recorder]\n{text}")


def test_services_beside_charging_are_taken():
    text = "[services]\ninternet = true\n[[services.own]]\nid = 60001\nname = 'Parking'"
    config = parse(text + "\nsets = [{Level = 1, Reserved = true, Place = 'B'}]")
    [own] = config.services.own
    assert (config.services.internet, own.id, own.free) == (True, 60001, True)
    assert own.sets == [{"Level": 1, "Reserved": True, "Place": "B"}]


@pytest.mark.parametrize(
    "own",
    [
        "id = 4\nname = 'x'",
        "id = 60001",
        "id = 60001\nname = ''",
        "id = 60001\nname = 'x'\nsets = [{}]",
        "id = 60001\nname = 'x'\nsets = [{a = [1]}]",
        "id = 60001\nname = 'x'\nprice = 1",
    ],
)
def test_a_service_that_no_message_can_name_is_refused(own):
    with pytest.raises(ConfigError, match="services"):
        parse(f"[[services.own]]\n{own}")


def test_a_registry_is_a_file_or_on_a_server():
    assert parse("").registry.path == "seccstack.sqlite"
    text = '[registry]\nurl = "postgresql://secc:s3cret@db/site"\nbox = "row 3"'
    config = parse(f'{text}\ndecisions = 500\n[contract]\ntrust = "list"')
    assert config.registry.url == "postgresql://secc:s3cret@db/site"
    assert (config.registry.box, config.registry.decisions) == ("row 3", 500)
    assert "s3cret" not in repr(config)


@pytest.mark.parametrize("url", ["mysql://secc:s3cret@db/site", "s3cret", "/var/s3cret.sqlite"])
def test_an_address_that_is_no_server_s_is_refused_and_not_said(url):
    with pytest.raises(ConfigError, match=r"registry\.url: is no address") as caught:
        parse(f'[registry]\nurl = "{url}"')
    assert "s3cret" not in str(caught.value)


def test_names_in_the_log_are_hashed_unless_the_owner_asks():
    assert parse("").privacy.macs == "hashed"
    assert parse('[privacy]\nmacs = "plain"').privacy.macs == "plain"


def test_a_setup_card_is_written_as_a_card_is():
    written = ["04A1B2C3", "04:a1:b2:c3:d4:e5:f6", "04-A1-B2-C3", "04A1B2C3D4E5F6070809"]
    assert parse(f"[enrolment]\nsetup_cards = {written}").enrolment.setup_cards == written


@pytest.mark.parametrize("uid", ["", "04A1B2", "04A1B2C3D4", "04:A1-B2:C3", "04A1B2C3 ", "Q"])
def test_what_is_no_card_is_no_setup_card(uid):
    with pytest.raises(ConfigError, match="7 or 10 octets in hexadecimal") as caught:
        parse(f'[enrolment]\nsetup_cards = ["{uid}"]')
    assert caught.value.key == "enrolment.setup_cards[0]"


@pytest.mark.parametrize("wrong", ["wait_seconds = 0", "identify_seconds = 1", "most = 0"])
def test_a_ritual_that_could_not_be_is_refused(wrong):
    with pytest.raises(ConfigError, match="enrolment"):
        parse(f"[enrolment]\n{wrong}")


def test_limits_may_go_by_the_time_of_day():
    schedule = parse('[schedule]\ntimes = { "06:30" = 10, "22:00" = 32.0 }').schedule
    assert (schedule.times, schedule.zone) == ({"06:30": 10.0, "22:00": 32.0}, "")


@pytest.mark.parametrize(
    ("times", "problem"),
    [
        ('{ "6:30" = 10 }', "give a time of day, as in 06:30 or 22:00"),
        ('{ "24:00" = 10 }', "give a time of day, as in 06:30 or 22:00"),
        ('{ "22:00" = 81 }', "81"),
        ('{ "22:00" = -1 }', "-1"),
        ('{ "22:00" = "much" }', "a number"),
    ],
)
def test_a_time_that_is_none_or_a_current_that_cannot_be_is_refused(times, problem):
    with pytest.raises(ConfigError) as caught:
        parse(f"[schedule]\ntimes = {times}")
    assert "schedule.times" in str(caught.value)
    assert problem in str(caught.value)


@pytest.mark.parametrize("amps", [0, 6, 10, 12, 16, 20, 24, 32, 13.5])
def test_a_rating_is_one_of_the_boxs_steps_or_any_ampere(amps):
    assert parse(f"[charger]\nrated_amps = {amps}").charger.rated_amps == amps


BOARD = '[pilot]\nkind = "linux"\ncable = "socket"\n[board]\nhigh = "/h"\nlow = "/l"\n'


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (BOARD, "board.proximity"),
        (f'{BOARD}proximity = "/p"\n[energy]\ncontact = "input"', "board.peak_load"),
        (f'{BOARD}proximity = "/p"\npeak_load = 1', "board.peak_load"),
        ('[temperature]\nkind = "file"', "temperature.file"),
        ('[temperature]\nkind = "file"\nfile = "/t"\nscale = 0', "temperature.scale"),
        ('[temperature]\nkind = "controller"', "temperature.kind"),
        (f'{BOARD}proximity = "/p"\n[temperature]\nkind = "simulated"', "temperature.kind"),
    ],
)
def test_what_nothing_can_read_is_no_configuration(text, key):
    with pytest.raises(ConfigError, match=key):
        parse(text)


def test_what_can_be_read_is_one():
    config = parse(f'{BOARD}proximity = "/p"\npeak_load = 2\n[energy]\ncontact = "input"')
    assert (config.pilot.cable, config.board.peak_load) == ("socket", 2)


def test_the_protocols_are_those_that_are_named():
    config = parse('[charger]\nprotocols = ["din"]')
    assert config.charger.protocols == ("din",)


@pytest.mark.parametrize("text", ['["din70121"]', "[]"])
def test_a_protocol_that_nobody_knows_or_none_at_all_is_no_configuration(text):
    with pytest.raises(ConfigError, match=r"charger\.protocols"):
        parse(f"[charger]\nprotocols = {text}")
