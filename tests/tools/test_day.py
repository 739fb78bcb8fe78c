"""The made day as a picture."""

import re

from tools.day import main


def test_the_picture_shows_both_ways_of_charging(tmp_path):
    out = tmp_path / "day.svg"
    assert main([str(out)]) == 0
    titles = re.findall(r'class="title">([^<:]*)', out.read_text())
    assert titles == ["Load-optimised", "Solar-optimised, strict"]


def test_it_has_to_be_said_where_to_put_it(capsys):
    assert main([]) == 2
    assert "OUT.svg" in capsys.readouterr().err
