"""A running charger's front: a card at a real port, and what is shown for it."""

import pytest

from tests.adapters.test_app import charger, status, tell
from tests.adapters.test_reader import Terminal

CARD = "04A2B3C4D5E680"


@pytest.fixture
def terminal(tmp_path):
    return Terminal(tmp_path / "ttyREADER")


def config(tmp_path):
    device = tmp_path / "ttyREADER"
    return f"[reader]\nkind = 'serial'\ndevice = '{device}'\n[access]\npolicy = 'card'\n"


def test_a_card_at_a_serial_reader_is_answered(tmp_path, terminal):
    with charger(tmp_path, config(tmp_path)) as program:
        program.expect(event="ready")
        program.expect(event="card reader open")
        terminal.send(CARD.encode() + b"\r\n")
        program.expect(event="beep", says="long, short")  # it is not registered
        told = status(tmp_path)
        assert told["reader"] == {"name": str(terminal.link), "trouble": None}
        assert told["light"] == {"says": "blue"}
        assert program.end() == 0


def test_a_reader_that_is_pulled_out_is_in_the_status_and_the_charger_goes_on(
    tmp_path, terminal
):
    with charger(tmp_path, config(tmp_path)) as program:
        program.expect(event="card reader open")
        terminal.pull_out()
        program.expect(event="waiting for the card reader")
        assert "plug" in status(tmp_path)["reader"]["trouble"]
        terminal.plug_in()
        program.expect(event="card reader open")
        assert program.end() == 0


def test_a_charge_is_seen_in_the_status(tmp_path):
    with charger(tmp_path) as program:
        program.expect(event="light", says="blue")
        tell(tmp_path, "plug")
        program.expect(event="light", says="blue, breathing")
        assert status(tmp_path)["light"] == {"says": "blue, breathing"}
        assert program.end() == 0


def test_a_card_that_an_operator_holds_to_the_simulated_reader_is_one_gesture(tmp_path):
    with charger(tmp_path, "[access]\npolicy = 'card'\n") as program:
        program.expect(event="ready")
        for _ in range(3):
            tell(tmp_path, "card", CARD)
        program.expect(event="beep")
        assert program.end() == 0
        assert [line["event"] for line in program.lines].count("beep") == 1
