"""`python -m pki`: what is said, and the exit codes."""

import json
import re
import signal
import subprocess
import sys
import tomllib

import pytest

from pki.__main__ import main
from tests.programs import PROJECT


def run(*words):
    command = [sys.executable, "-m", "pki", *map(str, words)]
    return subprocess.run(  # noqa: S603
        command, cwd=PROJECT, capture_output=True, text=True, check=False
    )


def test_a_whole_pki_is_minted(tmp_path):
    done = run(tmp_path / "lab")
    assert (done.returncode, done.stderr) == (0, "")
    assert "files; index.json says what each is" in done.stdout
    assert (tmp_path / "lab/chains/v2g-a.secc/chain.pem").exists()


def test_contracts_are_provided_until_it_is_interrupted(lab, tmp_path):
    socket = tmp_path / "contracts.sock"
    command = [sys.executable, "-u", "-m", "pki", "provide", str(lab), "--socket", str(socket)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as service:  # noqa: S603
        assert "contracts are provided here" in service.stdout.readline()
        assert socket.is_socket()
        service.send_signal(signal.SIGINT)
        assert service.wait(10) == 0
    assert not socket.exists()


@pytest.mark.parametrize("word", ["provide", "price"])
def test_a_file_that_is_no_socket_is_left_alone(lab, tmp_path, capsys, word):
    file = tmp_path / "important.txt"
    file.write_text("keep me")
    assert main([word, str(lab), "--socket", str(file)]) == 2
    assert f"cannot serve {file}" in capsys.readouterr().err
    assert file.read_text() == "keep me"


def test_without_a_pki_there_is_nothing_to_provide(tmp_path, capsys):
    assert main(["provide", str(tmp_path), "--socket", str(tmp_path / "socket")]) == 2
    assert "is no chain with its key" in capsys.readouterr().err


def test_what_is_there_already_is_wrong_usage(lab, capsys):
    assert main([str(lab)]) == 2
    assert "is there already" in capsys.readouterr().err


def test_a_chain_that_conforms_is_gone_through_field_by_field(lab, capsys):
    assert main(["check", str(lab / "chains/v2g-a.secc/chain.pem")]) == 0
    said = capsys.readouterr().out
    assert "judged as iso2/secc, SECC certificate: conforms" in said
    assert "    key usage               digitalSignature, keyAgreement" in said
    assert "(the profile is quoted: " in said


def test_one_that_does_not_is_marked_and_gives_exit_code_1(lab, capsys):
    path = lab / "specimens/wrong-domain/chain.pem"
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "DOES NOT CONFORM" in said
    assert "  ! domain component        'MO'; it has to be 'CPO'" in said


def test_json_is_an_object_per_certificate(lab, capsys):
    main(["check", str(lab / "chains/v2g-a.secc/chain.pem"), "--json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["number"], line["conforms"]) for line in lines] == [
        (1, True),
        (2, True),
        (3, True),
    ]
    assert {"field": "domain component", "verdict": "ok", "words": "'CPO'"} in lines[0][
        "findings"
    ]


def test_a_profile_can_be_chosen(lab, capsys):
    words = ["check", str(lab / "certificates/mo.contract.der"), "--as", "iso2/secc"]
    assert main(words) == 1
    assert "judged as iso2/secc" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_is_wrong_usage(tmp_path, capsys):
    assert main(["check", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.startswith("pki: cannot read ")


@pytest.mark.parametrize("words", [[], ["check"], ["lab", "--what"]])
def test_a_line_that_makes_no_sense_is_wrong_usage(words, capsys):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2


def test_help_has_an_example():
    assert "python -m pki lab && python -m pki check" in run("--help").stdout


BENCH = PROJECT / "seccstack" / "bench" / "certificates.py"


def test_a_charger_cannot_sign_nothing_of_it_knows_the_mint_nor_does_its_wheel_have_it():
    sources = list((PROJECT / "seccstack").rglob("*.py"))
    assert len(sources) > 100
    imports = re.compile(r"^\s*(from|import) pki\b", re.MULTILINE)
    signing = {path for path in sources if imports.search(path.read_text())}
    assert signing == {BENCH}  # measures with it in a checkout, and does without it elsewhere
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    found = settings["tool"]["setuptools"]["packages"]["find"]
    assert found == {"include": ["seccstack*"]}
