"""A provisioning service that is asked over a local socket: as it should be, or badly."""

import asyncio
import struct

import pytest
import structlog

from seccstack.adapters.provisioning import Provisioning
from seccstack.session.events import ContractProvided, ProvideContract, Ticket

QUESTION = ProvideContract(Ticket(bytes(16), 1), b"request")


def asked(socket, answer):
    """Ask a service that answers in its own way; None: there is none."""
    heard = []

    async def converse(reader, writer):
        heard.append(await reader.readexactly(4 + len(b"request")))
        writer.write(answer)
        writer.close()

    async def run():
        answers = asyncio.Queue()
        desk = Provisioning(str(socket), structlog.get_logger(), answers.put_nowait)
        server = None
        if answer is not None:
            server = await asyncio.start_unix_server(converse, socket)
        desk.ask(QUESTION)
        told = await answers.get()
        if server is not None:
            server.close()
        desk.close()
        return told

    with structlog.testing.capture_logs() as said:
        return asyncio.run(run()), heard, said


def test_request_and_answer_come_behind_their_lengths(tmp_path):
    told, heard, _ = asked(tmp_path / "socket", b"\0\0\0\6answer")
    assert told == ContractProvided(QUESTION.ticket, b"answer")
    assert heard == [struct.pack(">I", 7) + b"request"]


@pytest.mark.parametrize("answer", [None, b"", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\6an"])
def test_what_is_no_answer_is_told(tmp_path, answer):
    told, _, said = asked(tmp_path / "socket", answer)
    assert told.response is None
    assert told.why.startswith("the provisioning service at ")
    assert said == [{"event": "provisioning service", "why": told.why, "log_level": "error"}]


def test_a_service_that_is_silent_is_not_waited_for_for_ever(tmp_path):
    socket = tmp_path / "socket"

    async def run():
        answers = asyncio.Queue()
        gone = asyncio.Event()

        async def hang(reader, writer):
            await reader.read()  # until who asks hangs up
            writer.close()
            gone.set()

        log = structlog.get_logger()
        desk = Provisioning(str(socket), log, answers.put_nowait, seconds=0.05)
        async with await asyncio.start_unix_server(hang, socket):
            desk.ask(QUESTION)
            told = await answers.get()
            await gone.wait()
        return told

    assert asyncio.run(run()).why == "the provisioning service did not answer in 0.05 s"
