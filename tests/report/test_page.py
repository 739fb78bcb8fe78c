"""The page loads nothing, and runs nothing but what was put into it."""

import json
import re
import zlib
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

import pytest

import seccstack.report
from seccstack.cli_report import SCRIPTS
from seccstack.report.page import page_of

FOLDER = Path(seccstack.report.__file__).parent
HOSTILE = "</script><script>alert(1)</script><!-- {{script}} \u202e\x00"


def read(name):
    return (FOLDER / name).read_text("utf-8")


@pytest.fixture
def page():
    script = "\n".join(read(f"{name}.js") for name in SCRIPTS)
    return page_of({"name": HOSTILE}, read("page.html"), read("page.css"), script)


def inline(page, tag):
    return re.findall(rf"<{tag}(?: [^>]*)?>(.*?)</{tag}>", page, re.DOTALL)


def test_what_it_shows_is_packed_and_comes_out_as_it_went_in(page):
    data, _ = inline(page, "script")
    assert json.loads(zlib.decompress(b64decode(data, validate=True), -15)) == {"name": HOSTILE}


def test_nothing_of_what_it_shows_is_markup(page):
    assert len(inline(page, "script")) == 2
    assert "alert" not in page


def test_the_policy_names_the_script_and_the_style_and_nothing_else(page):
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    script, style = inline(page, "script")[1], inline(page, "style")[0]
    assert rules == {
        "default-src": "'none'",
        "script-src": f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'",
        "style-src": f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_policy_comes_before_all_that_it_rules(page):
    assert page.index("Content-Security-Policy") < min(
        page.index("<style"), page.index("<script")
    )


def test_it_names_no_address(page):
    shown = page.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(
        r"https?:|//[a-z]|url\(|@import|src=", re.sub(r"^\s*// .*", "", shown, flags=re.M)
    )


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.js")), ids=lambda path: path.name)
def test_no_script_writes_markup_or_makes_code_of_text(path):
    unsafe = r"(inner|outer)HTML|insertAdjacent|document\.write|\beval\b|Function\(|javascript:"
    assert not re.search(unsafe, path.read_text("utf-8"))


def test_every_script_is_part_of_the_page():
    assert {path.stem for path in FOLDER.glob("*.js")} == set(SCRIPTS)
