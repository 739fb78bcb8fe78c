"""The made day as a picture."""

from xml.etree import ElementTree

from tools.day import main

SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_shows_both_ways_of_charging(tmp_path):
    out = tmp_path / "day.svg"
    assert main([str(out)]) == 0
    drawing = ElementTree.parse(out).getroot()
    titles = [text.text for text in drawing.iter(f"{SVG}text") if text.get("class") == "title"]
    assert [title.split(":")[0] for title in titles] == [
        "Load-optimised",
        "Solar-optimised, strict",
    ]


def test_it_has_to_be_said_where_to_put_it(capsys):
    assert main([]) == 2
    assert "OUT.svg" in capsys.readouterr().err
