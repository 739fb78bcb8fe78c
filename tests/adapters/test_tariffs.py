"""Who sells energy is asked over a local socket: as it should be, or badly."""

import asyncio
import json
import struct
from dataclasses import replace

import pytest
import structlog

from seccstack.adapters.tariffs import Tariffs
from seccstack.session.events import ProvideTariffs, TariffsProvided, Ticket

QUESTION = ProvideTariffs(Ticket(bytes(16), 1), "DE8AA1A2B3C4D5", 12, b"offer")


def asked(socket, answer, question=QUESTION):
    """Ask a seller who answers in its own way; None: there is none."""
    heard = []

    async def converse(reader, writer):
        for _ in range(2):
            length = int.from_bytes(await reader.readexactly(4))
            heard.append(await reader.readexactly(length))
        writer.write(answer)
        writer.close()

    async def run():
        answers = asyncio.Queue()
        desk = Tariffs(str(socket), structlog.get_logger(), answers.put_nowait)
        server = None
        if answer is not None:
            server = await asyncio.start_unix_server(converse, socket)
        desk.ask(question)
        told = await answers.get()
        if server is not None:
            server.close()
        desk.close()
        return told

    with structlog.testing.capture_logs() as said:
        return asyncio.run(run()), heard, said


def test_who_pays_goes_before_the_offer(tmp_path):
    told, heard, said = asked(tmp_path / "socket", struct.pack(">I", 6) + b"answer")
    assert told == TariffsProvided(QUESTION.ticket, b"answer")
    assert json.loads(heard[0]) == {"emaid": "DE8AA1A2B3C4D5", "entries": 12}
    assert heard[1] == b"offer"
    assert said == []


def test_of_iso_15118_20_the_kind_of_pricing_is_told(tmp_path):
    levels = replace(QUESTION, pricing="levels")
    _, heard, _ = asked(tmp_path / "socket", bytes(4), levels)
    assert json.loads(heard[0])["pricing"] == "levels"


def test_an_empty_answer_is_no_tariff(tmp_path):
    told, _, said = asked(tmp_path / "socket", bytes(4))
    assert (told, said) == (TariffsProvided(QUESTION.ticket, None), [])


@pytest.mark.parametrize("answer", [None, b"", b"\xff\xff\xff\xff", b"\0\0\0\6an"])
def test_what_is_no_answer_is_told(tmp_path, answer):
    told, _, said = asked(tmp_path / "socket", answer)
    assert told.response is None
    assert told.why.startswith("the tariff service at ")
    assert said == [{"event": "tariff service", "why": told.why, "log_level": "error"}]


def test_a_seller_who_is_silent_is_not_waited_for_for_ever(tmp_path):
    socket = tmp_path / "socket"

    async def run():
        answers = asyncio.Queue()
        gone = asyncio.Event()

        async def converse(reader, writer):
            await reader.read()  # until the charger hangs up
            writer.close()
            gone.set()

        server = await asyncio.start_unix_server(converse, socket)
        desk = Tariffs(str(socket), structlog.get_logger(), answers.put_nowait, seconds=0.01)
        desk.ask(QUESTION)
        told = await answers.get()
        await gone.wait()
        server.close()
        return told

    with structlog.testing.capture_logs():
        told = asyncio.run(run())
    assert told.why == "the tariff service did not answer in 0.01 s"
