"""Every reason that a part of the charger can give has words, and something to do about it."""

import ast
from pathlib import Path

import pytest

import seccstack
from seccstack.auth.judgement import REGISTERING
from seccstack.explain.access import ACCESS
from seccstack.explain.answer import Turn
from seccstack.explain.failures import CODES, FALLBACK, fallback
from seccstack.explain.reasons import understood, understood_best
from seccstack.lifecycle import LINK_LOST
from seccstack.messages.iso2 import ResponseCode
from seccstack.slac.station import NOT_OPEN

PACKAGE = Path(seccstack.__file__).parent
# What stands for whatever a sentence is filled with.
SAMPLES = {
    "vehicle": "vehicle EC65CC010203",
    "other": "none",
    "what": "card 04A2B3C4D5E680",
    "address": "EC65CC010203",
    "format_mac(record.mac)": "EC65CC010203",
    "format_mac(lookup.key)": "EC65CC010203",
    "NAMES[claim]": "SLAC",
    "identity.foreign_evccid": "EVCCID AB is not a MAC address (1 octets)",
}
ANYTHING = "04A2B3C4D5E680"
WHAT = SAMPLES["what"]
# What is said of who may charge, of a lookup's outcome to be put in a sentence, and no reason.
NO_REASONS = {
    "everybody may charge here",
    "it has shown its certificate, and that it has the key",
    "its address is new, and it has shown the certificate of vehicle EC65CC010203",
    "vehicle EC65CC010203 04A2B3C4D5E680",
    "there is more than its likeness",
    "that is enough here",
    "a card was held up for it 04A2B3C4D5E680 days ago",
    "that is enough here for 04A2B3C4D5E680 A",
    "it is registered for 04A2B3C4D5E680 A at most",
    "in 04A2B3C4D5E680 s",
    "04A2B3C4D5E680 is registered",
    "04A2B3C4D5E680: 04A2B3C4D5E680 A, until a card is held to the reader",
    "card 04A2B3C4D5E680 04A2B3C4D5E680",
    "it calls itself 04A2B3C4D5E680, which is no MAC address",
    ", SLAC and the EVCCID among them",
    "confidence 04A2B3C4D5E680, wanted is 04A2B3C4D5E680 (04A2B3C4D5E680)",
}
OF_ACCESS = {
    "auth/claims.py": None,
    "auth/weighing.py": None,
    "auth/visiting.py": None,
    "auth/suspicion.py": {"address_obstacles", "probably"},
    "auth/limiter.py": {"locked"},
    "auth/vehicle.py": {"conflicts", "_stations", "foreign_evccid", "notes"},
}
OF_FALLBACK = {
    "slac/attempt.py": {"Failed"},
    "slac/evse.py": {"MatchingFailed"},
    "session/session.py": {"_end"},
}


def filled(node):
    """A sentence as the source has it, with samples for what it is filled with."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    parts = []
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(value.value)
        else:
            parts.append(SAMPLES.get(ast.unparse(value.value), ANYTHING))
    return "".join(parts)


def outermost(node):
    """The texts in a piece of source; of those with holes, not the pieces."""
    if isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    ):
        yield filled(node)
        return
    for child in ast.iter_child_nodes(node):
        yield from outermost(child)


def functions(name, wanted):
    tree = ast.parse((PACKAGE / name).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and (wanted is None or node.name in wanted):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield from body


def sentences_of_access():
    for name, wanted in OF_ACCESS.items():
        for statement in functions(name, wanted):
            yield from (text for text in outermost(statement) if len(text.split()) > 2)


def arguments(name, calls):
    """The texts that are handed to these functions."""
    for node in ast.walk(ast.parse((PACKAGE / name).read_text())):
        if isinstance(node, ast.Call) and node.args:
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in calls:
                texts = (text.replace(WHAT, "V2GTP header") for text in outermost(node.args[0]))
                yield from texts


ACCESS_SENTENCES = sorted({*sentences_of_access(), REGISTERING} - NO_REASONS)
FALLBACK_SENTENCES = sorted(
    {text for name, calls in OF_FALLBACK.items() for text in arguments(name, calls)}
)


def test_the_sources_are_read_as_they_are_meant_to_be():
    assert "a card is awaited" in ACCESS_SENTENCES
    assert "vehicle EC65CC010203 is not registered" in ACCESS_SENTENCES
    assert "our modem reported no sound" in FALLBACK_SENTENCES
    assert "no protocol in common" in FALLBACK_SENTENCES


def test_what_is_no_reason_is_still_said_somewhere():
    assert set(sentences_of_access()) >= NO_REASONS


@pytest.mark.parametrize("sentence", ACCESS_SENTENCES)
def test_every_reason_not_to_let_a_vehicle_charge_has_words(sentence):
    meaning = understood(sentence, ACCESS)
    assert meaning is not None
    assert meaning.do or meaning.turn is Turn.CHARGER


@pytest.mark.parametrize("sentence", FALLBACK_SENTENCES)
def test_every_reason_to_give_iso_15118_up_has_words(sentence):
    assert understood(sentence, FALLBACK) is not None


CAUSES = {
    REGISTERING: "registration on",
    "card 04A2B3C4D5E680, which started it, was held to the reader again": "stopped by a card",
    "card 04A2B3C4D5E680, of who started it, was held up": "stopped by a card",
    "more than 5 strangers were here within an hour: for 15 min no": "locked out",
    "the vehicle goes by different MAC addresses: A (SLAC), B (EVCCID)": "claims differ",
    "EVCCID changed within the plug-in: A, then B": "claims differ",
    "it speaks from different IPv6 addresses: fe80::1 (SDP), fe80::2": "claims differ",
    "another station uses this vehicle's address: it asks": "claims differ",
    "card 04A2B3C4D5E680 is not registered": "card unknown",
    "card 04A2B3C4D5E680 is a setup card, which charges nothing": "setup card",
    "card 04A2B3C4D5E680 is registered, but disabled": "card invalid",
    "the registry did not answer about vehicle EC65CC010203 in 5 s": "registry silent",
    "the registry cannot be read, so nothing is known of card 04": "registry silent",
    "the registry is being asked about vehicle EC65CC010203": "registry asked",
    "vehicle EC65CC010203 is registered, but has expired": "vehicle invalid",
    "vehicle EC65CC010203 is registered, but disabled: neither a card nor a contract lets it "
    "charge here": "vehicle blocked",
    "vehicle EC65CC010203 is not registered": "not registered",
    "EVCCID is AB, registered is CD": "EVCCID differs",
    "EVCCID AB is not a MAC address (1 octets), and none is": "EVCCID unknown",
    "vehicle EC65CC010203 has used TLS here before, and does without": "TLS no more",
    "vehicle EC65CC010203 has proven itself here before, by a": "proof wanted",
    "vehicle EC65CC010203: confidence 0.40, wanted is 0.50 (x)": "confidence low",
    "vehicle EC65CC010203: its fingerprint is 20% like before": "unlike before",
    "a card makes it certain: what it is like, others may be too": "probably known",
    "it may be any of 2 registered vehicles: A, B": "probably known",
    "007DFA060102 is of the range from which Volkswagen group": "address changes",
    "02EECC010203 is locally administered: anybody may": "address made up",
    "FFFFFFFFFFFF is the broadcast address, which is no": "address made up",
    "the vehicle is named by SLAC only; autocharge needs 2": "named too seldom",
    "there is its card, and autocharge is wanted besides": "more wanted",
    "no contract was proven in 57 s": "contract missing",
    "a contract is awaited": "contract awaited",
    "the vehicle has not said who it is": "says no name",
    "no card was held to the reader in 57 s": "card missing",
    "a card is awaited": "card awaited",
    "nothing grants it any more": "withdrawn",
    "vehicle EC65CC010203 has shown its certificate here before, and shows none": (
        "certificate wanted"
    ),
    "vehicle EC65CC010203 has shown its certificate, but not that it is at this plug": (
        "not of this plug"
    ),
}


@pytest.mark.parametrize(("reason", "cause"), CAUSES.items())
def test_what_keeps_a_vehicle_from_charging_has_a_name(reason, cause):
    assert understood(reason, ACCESS).cause == cause


def test_every_kind_of_reason_has_an_example_here():
    assert {kind.cause for kind in ACCESS} == set(CAUSES.values())


WAYS = {
    "the modem is silent: it does not answer CM_SET_KEY.REQ": "modem dead",
    NOT_OPEN: "powerline closed",
    "interface eth1 went down": "powerline closed",
    "eth1 went down": "powerline closed",
    "no CM_SLAC_PARM.REQ came within 50 s": "SLAC never began",
    "the vehicle may charge, and was silent for 10 s": "SLAC never began",
    "our modem reported no sound": "SLAC failed",
    "the EV did not choose us with CM_SLAC_MATCH.REQ": "SLAC failed",
    "the pilot line was toggled 3 times": "SLAC failed",
    "the EV has our key but did not join our network": "not joined",
    "our key was changed while the EV was joining": "not joined",
    LINK_LOST: "link lost",
    "the link was not back within 6 s of waking up": "link lost",
    "no session within 20 s of the link": "no session",
    "no protocol in common": "no protocol",
    "no protocol in common but iso2, which has failed with it": "protocol failed",
    "AuthorizationReq: FAILED": "session refused",
    "no request within 60 s": "vehicle fell silent",
    "no V2G_Message": "unreadable",
    "V2GTP version 02 FE": "unreadable",
    "payload length 99 octets, 9 at most": "unreadable",
    "the vehicle opened another connection": "connection lost",
    "the vehicle that was matched has connected": "connection lost",
    "the vehicle closed the stream": "connection lost",
}


@pytest.mark.parametrize(("reason", "cause"), WAYS.items())
def test_why_it_went_on_by_pulse_width_has_a_name(reason, cause):
    assert fallback(reason).cause == cause


def test_every_way_to_fail_has_an_example_here():
    assert {kind.cause for kind in FALLBACK} == set(WAYS.values())


def test_every_refusal_of_iso_15118_2_has_words():
    codes = [code.value for code in ResponseCode if code.value.startswith("FAILED")]
    assert set(CODES) == set(codes)
    said = [fallback(f"PowerDeliveryReq: {code}").says for code in codes]
    assert len(set(said)) == len(codes)


def test_a_refusal_with_a_reason_says_that_reason():
    said = fallback("CableCheckReq: FAILED (the vehicle is not ready)").says
    assert said.endswith("failed in CableCheck: we answered FAILED, the vehicle is not ready")


def test_what_has_no_words_is_said_as_it_is():
    meaning = fallback("the moon is full")
    assert (meaning.cause, meaning.says) == ("another reason", "the moon is full")
    assert understood_best(["the moon is full"], ACCESS).cause == "another reason"
    assert "new to us" in fallback("FooReq: FAILED_Moon").says


def test_of_several_reasons_the_one_that_says_most_is_told():
    reasons = ["a card is awaited", "vehicle EC65CC010203 is registered, but disabled"]
    assert understood_best(reasons, ACCESS).cause == "vehicle invalid"
    assert understood_best([], ACCESS) is None


def test_what_a_vehicle_says_of_itself_cannot_fill_in_a_sentence():
    reason = "EVCCID is {why}{mac}, registered is {0}"
    assert understood(reason, ACCESS).says == reason
