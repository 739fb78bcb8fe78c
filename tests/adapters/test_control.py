"""The control socket: an operator's word, and what happens to nonsense."""

import asyncio
import contextlib
import json
import os
import socket
import stat

import pytest

from seccstack.adapters.control import LONGEST_LINE, Control, MisusedError, tell
from seccstack.adapters.unavailable import UnavailableError
from seccstack.errors import ConfigError, UsageError
from tests.adapters.conftest import run


def obey(command):
    if command.get("do") == "refuse":
        raise UsageError("not now")
    if command.get("do") == "misuse":
        raise MisusedError("never")
    return {"heard": command.get("do")}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "control.sock"


def with_control(path, talk):
    """Run ``talk`` beside a control socket, and close it."""

    async def scenario():
        control = Control(obey)
        await control.listen(path)
        try:
            return await talk()
        finally:
            control.close()

    return run(scenario())


def say(path, *lines):
    """Return what the socket answers to these lines, until it closes or says nothing more."""

    async def talk():
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"".join(lines))
        writer.write_eof()
        answers = (await reader.read()).splitlines()
        writer.close()
        return [json.loads(answer) for answer in answers]

    return with_control(path, talk)


def test_each_line_is_answered_by_one(path):
    assert say(path, b'{"do": "a"}\n', b'{"do": "b"}\n') == [
        {"ok": True, "heard": "a"},
        {"ok": True, "heard": "b"},
    ]


def test_what_is_refused_is_answered_with_why(path):
    assert say(path, b'{"do": "refuse"}\n') == [
        {"ok": False, "error": "not now", "misused": False}
    ]


@pytest.mark.parametrize(
    "line", [b"nonsense\n", b"[]\n", b"\n", b"\xff\xfe\n", b'{"do"', b"[" * 4000]
)
def test_a_line_that_is_no_json_object_is_an_error_and_no_end(path, line):
    [answer] = say(path, line)
    assert (answer["ok"], answer["misused"]) == (False, True)


def test_a_bad_line_does_not_spoil_the_next(path):
    assert [answer["ok"] for answer in say(path, b"nonsense\n", b'{"do": "a"}\n')] == [
        False,
        True,
    ]


def test_a_line_that_is_too_long_is_refused(path):
    [answer] = say(path, b'{"do": "' + b"x" * 2 * LONGEST_LINE + b'"}\n')
    problem = f"a command has at most {LONGEST_LINE} octets"
    assert answer == {"ok": False, "error": problem, "misused": True}


def test_a_peer_that_goes_without_listening_harms_nobody(path):
    async def talk():
        _, writer = await asyncio.open_unix_connection(path)
        writer.write(b'{"do": "a"}\n' * 100)
        writer.transport.abort()
        return await asyncio.to_thread(tell, path, {"do": "b"})

    assert with_control(path, talk) == {"heard": "b"}


@pytest.mark.parametrize("line", [b"x" * 10_000_000, b"{}\n" * 3_000_000])
def test_a_peer_that_says_far_too_much_and_hangs_up_is_no_trouble(path, line):
    def flood():
        with socket.socket(socket.AF_UNIX) as peer, contextlib.suppress(ConnectionError):
            peer.settimeout(2)
            peer.connect(str(path))
            peer.sendall(line)

    async def talk():
        trouble = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: trouble.append(context))
        with contextlib.suppress(TimeoutError):
            await asyncio.to_thread(flood)
        answer = await asyncio.to_thread(tell, path, {"do": "b"})
        return trouble, answer

    assert with_control(path, talk) == ([], {"heard": "b"})


def test_tell_knows_misuse_from_a_refusal(path):
    async def talk():
        with pytest.raises(MisusedError, match="never"):
            await asyncio.to_thread(tell, path, {"do": "misuse"})

    with_control(path, talk)


def test_tell_returns_the_answer_and_raises_the_refusal(path):
    async def talk():
        with pytest.raises(UsageError, match="not now"):
            await asyncio.to_thread(tell, path, {"do": "refuse"})
        return await asyncio.to_thread(tell, path, {"do": "a"})

    assert with_control(path, talk) == {"heard": "a"}


def test_tell_says_so_if_no_charger_is_there(path):
    with pytest.raises(UsageError, match="no charger answers at control socket"):
        tell(path, {"do": "a"})


def test_tell_says_so_if_the_charger_hangs_up(path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        async def scenario():
            told = asyncio.create_task(asyncio.to_thread(tell, path, {"do": "a"}))
            connection, _ = await asyncio.to_thread(listener.accept)
            connection.close()
            await told

        with pytest.raises(UsageError, match="no charger answers"):
            run(scenario())


def test_only_its_owner_may_use_the_socket(path):
    async def talk():
        return stat.S_IMODE(path.stat().st_mode)

    assert with_control(path, talk) == 0o600


def test_the_umask_is_as_before(path):
    before = os.umask(0o022)
    try:
        say(path, b"{}\n")
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_the_socket_file_goes_with_the_charger_even_if_somebody_is_connected(path):
    async def scenario():
        control = Control(obey)
        await control.listen(path)
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"{}\n")
        await reader.readline()
        control.close()
        assert await reader.read() == b""
        writer.close()

    run(scenario())
    assert not path.exists()


def test_the_file_of_a_charger_that_was_killed_is_taken_over(path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert say(path, b'{"do": "a"}\n') == [{"ok": True, "heard": "a"}]


def test_a_second_charger_does_not_take_the_socket_of_a_living_one(path):
    async def talk():
        with pytest.raises(UnavailableError, match="another charger is running"):
            await Control(obey).listen(path)
        return await asyncio.to_thread(tell, path, {"do": "a"})

    assert with_control(path, talk) == {"heard": "a"}


def test_a_file_that_is_no_socket_is_left_alone(path):
    path.write_text("precious")
    with pytest.raises(ConfigError, match=r"control\.socket: cannot create"):
        say(path)
    assert path.read_text() == "precious"


@pytest.mark.parametrize("where", ["no/such/folder/control.sock", "x" * 200])
def test_a_path_where_no_socket_can_be_says_what_to_do(tmp_path, where):
    with pytest.raises(ConfigError, match=r"(No such file|too long).*at most 100 characters"):
        say(tmp_path / where)
