"""The command `seccstack doctor`."""

import json

from tests.programs import seccstack


def test_with_nothing_real_all_is_well_and_a_line_says_so_for_each_thing(tmp_path):
    lines = seccstack("doctor", folder=tmp_path).splitlines()
    assert len(lines) == 16
    assert lines[3] == "ok    modem        simulated: it is always there"


def test_in_json_there_is_an_object_per_line(tmp_path):
    lines = seccstack("doctor", "--json", folder=tmp_path).splitlines()
    verdicts = {(found := json.loads(line))["check"]: found["verdict"] for line in lines}
    assert verdicts["modem"] == "ok"


def test_what_fails_is_exit_code_1(tmp_path):
    config = tmp_path / "secc.toml"
    config.write_text('[powerline]\nkind = "ethernet"\ninterface = "eth99"\n')
    assert seccstack("doctor", "--config", str(config), folder=tmp_path, code=1) == ""


def test_a_config_that_cannot_be_used_is_exit_code_2(tmp_path):
    config = tmp_path / "secc.toml"
    config.write_text("[powerline]\nkind = 3\n")
    said = seccstack("doctor", "--config", str(config), folder=tmp_path, code=2)
    assert "powerline.kind" in said
