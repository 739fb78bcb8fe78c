"""The page in a browser: looked at, clicked and typed into."""

import json

import pytest
import typer
from typer.testing import CliRunner

from seccstack.capture.items import Link, V2gMessage
from seccstack.capture.plugins import PlugIn
from seccstack.capture.sessions import session_of
from seccstack.cli_replay import replay
from seccstack.cli_report import write_report
from seccstack.messages import codec, iso2
from seccstack.messages.codec import Schema
from seccstack.report.sheet import Capture
from seccstack.v2gtp import EXI
from tests.capture.files import pcap
from tests.capture.scene import EV, REFUSED, SETUP, STOP, STOPPED, Scene, exi, message
from tests.report.browser import Browser

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\u202e\u2066\t"
MANY = 20_000
AMPS = [6, 10, 16, 20, 32]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Turn a scene into a page, and return its address."""
    folder = tmp_path_factory.mktemp("pages")
    app = typer.Typer()
    app.command()(replay)

    def make(name, *scenes):
        paths = [folder / f"{name}-{number}.pcap" for number in range(len(scenes))]
        for path, scene in zip(paths, scenes, strict=True):
            path.write_bytes(pcap([packet.octets for packet in scene.packets]))
        arguments = [*map(str, paths), "--html", str(folder / f"{name}.html")]
        assert CliRunner().invoke(app, arguments).exit_code == 0
        return (folder / f"{name}.html").as_uri()

    return make


def status(amps):
    return iso2.ChargingStatusRes(
        response_code=iso2.ResponseCode.OK,
        evseid="ZZ00000",
        sa_schedule_tuple_id=1,
        evse_max_current=iso2.PhysicalValue(multiplier=0, unit=iso2.UnitSymbol.A, value=amps),
        ac_evse_status=iso2.AC_EVSEStatus(
            notification_max_delay=0, evse_notification=iso2.EVSENotification.NONE, rcd=False
        ),
    )


def charge(loops=5, last=STOPPED):
    scene = Scene()
    scene.match()
    scene.discover()
    talk = scene.connect().set_up()
    for number in range(loops):
        talk.exchange(iso2.ChargingStatusReq(), status(AMPS[number * len(AMPS) // loops]))
    talk.exchange(STOP, last)
    talk.close("ev")
    return scene


def hostile():
    scene = Scene()
    talk = scene.connect()
    talk.exchange(SETUP, iso2.SessionSetupRes(
        response_code=iso2.ResponseCode.OK_NEW_SESSION_ESTABLISHED, evseid=HOSTILE[:37]
    ))  # fmt: skip
    detail = iso2.ServiceDetailReq(service_id=1)
    parameter = iso2.Parameter(name=HOSTILE, string_value=HOSTILE)
    parameters = iso2.ServiceParameterList(
        parameter_set=(iso2.ParameterSet(parameter_set_id=1, parameter=(parameter,)),)
    )
    talk.exchange(detail, iso2.ServiceDetailRes(
        response_code=iso2.ResponseCode.OK, service_id=1, service_parameter_list=parameters
    ))  # fmt: skip
    return scene


@pytest.fixture(scope="module")
def one(page):
    return page("one", charge())


def test_the_page_opens_without_complaint_and_loads_nothing_else(browser, one):
    browser.open(one)
    assert browser.trouble == []
    assert browser.asked == [one]


def test_the_findings_are_on_top(browser, one):
    browser.open(one)
    assert "the vehicle stopped the session" in browser.text(".verdict")
    assert "ISO 15118-2" in browser.text(".verdict")
    cards = " ".join(browser.texts(".card"))
    assert EV.hex().upper() in cards
    assert "urn:iso:15118:2:2013:MsgDef" in cards
    assert "✔ matched" in cards


def test_each_message_is_a_row_with_an_arrow_in_its_lane(browser, one):
    browser.open(one, height=3000)
    assert browser.count("#list .row:not(.gap)") == 33
    assert browser.texts("#list .row:not(.gap) b")[:2] == [
        "CM_SLAC_PARM.REQ",
        "CM_SLAC_PARM.CNF",
    ]
    assert browser.count("#list .lane:nth-of-type(4) .arrow") == 13
    assert browser.count(".arrow.ev") + browser.count(".arrow.evse") == 33


def test_silence_is_shown(browser, page):
    browser.open(page("silent", charge(0)), height=3000)
    assert browser.texts(".row.gap .said")[0] == "1.00 s of silence"


def test_a_click_opens_a_message_with_its_tree_and_its_octets(browser, one):
    browser.open(one, height=3000)
    browser.click("[data-row='18']")
    assert browser.text("#detail h2") == "SessionSetupReq"
    assert "EVCCID" in browser.texts(".key-name")
    assert f"EVCCID: {EV.hex().upper()}" in " ".join(browser.texts(".node"))
    assert browser.count(".octet") == 21


def test_the_chosen_message_is_in_the_address(browser, one):
    browser.open(one + "#m=20")
    browser.ask("byId('list').focus()")
    browser.press("ArrowDown")
    browser.wait("location.hash === '#m=21'")


def bits(browser, kind):
    return browser.ask(
        f"[...document.querySelectorAll('u.{kind}')].map(bit => Number(bit.dataset.bit))"
    )


def test_an_element_shows_its_bits(browser, one):
    browser.open(one + "#m=21")
    browser.click(".node:last-child")
    assert bits(browser, "val") == list(range(102, 158))
    assert bits(browser, "code") == [100, 101, 158]
    assert "V2G_Message/Body/SessionSetupReq/EVCCID" in browser.text("#explained")


def test_a_bit_shows_its_element(browser, one):
    browser.open(one + "#m=21")
    browser.move("[data-bit='120']")
    assert browser.texts(".node.lit .key-name") == ["EVCCID"]
    browser.click("[data-bit='30']")
    assert browser.texts(".node.chosen .key-name") == ["SessionID"]


def test_an_address_opens_a_message_and_an_element(browser, one):
    browser.open(one + "#m=21&e=5")
    assert browser.text("#detail h2") == "SessionSetupReq"
    assert browser.texts(".node.chosen .key-name") == ["EVCCID"]
    assert bits(browser, "val") == list(range(102, 158))


def test_the_arrow_keys_go_through_messages_and_through_the_tree(browser, one):
    browser.open(one + "#m=21")
    browser.ask("document.getElementById('list').focus()")
    browser.press("ArrowDown")
    assert browser.text("#detail h2") == "SessionSetupRes"
    browser.press("Enter")
    browser.press("ArrowDown")
    browser.press("ArrowDown")
    assert browser.texts(".node.chosen .key-name") == ["Header"]
    browser.press("ArrowLeft")
    assert (
        browser.ask("document.querySelector('.node.chosen').getAttribute('aria-expanded')")
        == "false"
    )
    assert browser.count(".node[hidden]") == 1


def test_a_frame_has_its_fields_over_its_octets_and_no_key(browser, one):
    browser.open(one + "#m=13")
    assert browser.text("#detail h2") == "CM_SLAC_MATCH.CNF"
    assert "network_key: left out" in " ".join(browser.texts(".node"))
    assert browser.count(".octet.secret") > 0


def test_a_failure_is_told_by_a_mark_and_found_by_a_key(browser, page):
    browser.open(page("refused", charge(last=REFUSED)))
    browser.press("n")
    browser.press("n")
    assert browser.text("#detail h2") == "✖ failed SessionStopRes"
    assert browser.text(".row.failed .mark") == "✖"
    assert "FAILED_SequenceError" in browser.text(".row.failed")


def test_the_verdict_says_whose_it_is_and_leads_to_its_evidence(browser, page):
    browser.open(page("verdict", charge(last=REFUSED)))
    assert browser.text(".verdict .big").startswith("✖ ")
    assert "Cause: the charger" in browser.text(".verdict")
    browser.click(".verdict .link")
    assert browser.text("#detail h2").startswith(("SessionStopReq", "✖ failed SessionStopRes"))
    assert browser.count(".mark.evidence") == 1


def test_a_filter_keeps_what_fits(browser, one):
    browser.open(one, height=3000)
    browser.ask("document.getElementById('filter').focus()")
    browser.type("status 16")
    assert browser.texts("#list .row .said") == [
        "ChargingStatusRes at most 16 A".replace(" at", "at")
    ]


def test_a_lane_can_be_left_out(browser, one):
    browser.open(one, height=3000)
    browser.click("[data-lane='0']")
    assert "CM_SLAC_PARM.REQ" not in browser.texts("#list .row b")


def test_sessions_of_several_captures_can_be_chosen(browser, page):
    url = page("two", charge(), charge(last=REFUSED))
    browser.open(url + "#s=2")
    assert browser.count("#session option") == 2
    assert browser.ask("document.getElementById('session').value") == "1"
    assert "failed" in browser.ask("document.querySelector('.verdict').className")


def test_quantities_are_plotted_and_read_at_the_chosen_message(browser, one):
    browser.open(one + "#m=24")
    assert [text.split()[0] for text in browser.texts(".keys > b")] == ["Current"]
    assert browser.texts(".key span") == ["EVSEMaxCurrent"]
    assert browser.text(".key b").split()[0] == "6"
    inked = "(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v))"
    assert browser.ask(f"[...document.querySelectorAll('canvas')].every({inked})")


def test_a_click_into_a_plot_chooses_the_message_of_that_time(browser, one):
    browser.open(one, height=3000)
    browser.click(".plot:last-child canvas")
    chosen = browser.ask("Number(document.querySelector('.row.chosen .time').textContent)")
    assert 10 < chosen < 25


def test_json_of_a_message_is_what_encode_takes(browser, one):
    browser.open(one + "#m=21")
    text = browser.ask(
        "`{${JSON.stringify(message.parts[0].name)}: ${jsonOf(message.parts[0])}}`"
    )
    assert json.loads(text) == {
        "V2G_Message": {
            "Header": {"SessionID": "1122334455667788"},
            "Body": {"SessionSetupReq": {"EVCCID": EV.hex().upper()}},
        }
    }


def test_what_a_peer_says_stays_text(browser, page):
    url = page("hostile", hostile())
    for row in range(5):
        browser.open(url)
        browser.ask(f"choose({row}, true)")
        browser.frames()
        assert browser.trouble == []
        assert browser.asked == [url]
        assert browser.count("img, iframe, script:not(#data):not(:last-of-type)") == 0
    shown = " ".join(browser.texts(".node"))
    assert "<img src=x onerror=alert(1)></script>" in shown
    assert "\u202e" not in browser.text("body")
    assert "U+202E" in shown


def long_charge():
    """A session of so many messages, every second one different from all others."""
    link = Link(0, beginning_seen=True)
    request = exi(iso2.ChargingStatusReq())
    asked = codec.decode(Schema.ISO2, request).message
    items = []
    for number in range(0, MANY, 2):
        answer = message(status(number))
        for sender, octets, said, name in (
            ("ev", request, asked, "ChargingStatusReq"),
            ("evse", codec.encode(Schema.ISO2, answer), answer, "ChargingStatusRes"),
        ):
            place = len(items)
            items.append(V2gMessage(
                place, 1000 + place / 8, link, sender, EXI, octets, Schema.ISO2, name, said
            ))  # fmt: skip
    return session_of(PlugIn("long.pcap", None, items=items))


def test_twenty_thousand_messages_open_soon_and_only_those_in_sight_are_drawn(
    browser, tmp_path
):
    path = tmp_path / "many.html"
    write_report(path, [Capture("long.pcap", sessions=[long_charge()])])
    browser.open(path.as_uri())
    assert browser.ask("session().rows.t.length") == MANY
    assert browser.count("#list .row") < 80
    browser.ask("document.getElementById('list').scrollTop = 1e9")
    browser.frames()
    assert browser.texts("#list .row .number")[-1] == str(MANY - 1)
    assert browser.count("#list .row") < 80
    browser.press("n")
    browser.ask("choose(12345, true)")
    assert browser.text(".row.chosen .number") == "12345"
    assert browser.trouble == []


@pytest.mark.parametrize("width", [360, 768, 1024, 1440])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_wider_than_the_window(browser, one, width, dark):
    browser.open(one + "#m=21", width=width, dark=dark)
    assert browser.ask("document.documentElement.scrollWidth") <= width
    assert browser.trouble == []
