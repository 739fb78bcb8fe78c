"""Profiles as an operator may change them, and as they may not be."""

import re

import pytest

from pki import profiles
from pki.errors import PkiError
from pki.profiles import DEFAULT


def load(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(text)
    return profiles.load(path)


def test_what_comes_with_us_says_of_every_profile_whom_it_is_from():
    known = profiles.load()
    tables = [table for family in known.profiles.values() for table in family.values()]
    words = ("quoted", "paraphrased", "second-hand")
    assert all(profile.source.startswith(words) for profile in tables)


def test_an_operator_s_file_changes_what_it_names_and_nothing_else(tmp_path):
    own = load(tmp_path, '[mint]\nemaid = "NLXYZA1B2C3D4E"\n[profiles.iso2.secc]\ndays = 30\n')
    assert own.mint.emaid == "NLXYZA1B2C3D4E"
    assert own.mint.organisation == profiles.load().mint.organisation
    assert own.of("iso2", "secc").days == 30
    assert own.of("iso2", "secc").domain_component == "CPO"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[mint]\nemaid = 5\n", r"mint.emaid: Expected str, got int"),
        ("[mint]\nemaild = 'x'\n", r"mint: Object contains unknown field emaild"),
        ("[mint]\ncountry = 'germany'\n", r"mint\.country: Expected str matching"),
        ("[mint\n", r"is not TOML"),
        ("[profiles.iso2.secc]\nkey_usage = {x = 'required'}\n", r"Invalid enum value 'x'"),
        ("[profiles.iso2.secc]\ncountry = 'yes'\n", r"Invalid enum value 'yes'"),
        ("[[trees]]\nname = 'a'\nstandard = 'iso9'\nmembers = ['x']\n", r"no standard iso9"),
        (
            "[[trees]]\nname = 'a'\nstandard = 'iso2'\nmembers = ['x']\n",
            r"iso2\.x: is asked for",
        ),
        (
            "[[trees]]\nname = 'a'\nstandard = 'iso2'\nmembers = ['secc']\n",
            r"cpo_sub2 must stand before secc",
        ),
        (
            "[[trees]]\nname = 'a'\nstandard = 'iso2'\nmembers = ['v2g_root', 'v2g_root']\n",
            r"no member can be 'v2g_root' here",
        ),
        (
            2 * "[[trees]]\nname = 'a'\nstandard = 'iso2'\nmembers = ['v2g_root']\n",
            r"two trees are named a",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(tmp_path, text, why):
    with pytest.raises(PkiError, match=re.compile(r"own\.toml.*" + why + "|" + why, re.DOTALL)):
        load(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PkiError, match=r"cannot read .*none\.toml: No such file"):
        profiles.load(tmp_path / "none.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "own.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(PkiError, match="is not TOML"):
        profiles.load(path)
    path.write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(PkiError, match="too large"):
        profiles.load(path)


def test_the_file_says_in_its_head_how_to_read_it():
    head = DEFAULT.read_text().split("[mint]")[0]
    assert all(word in head for word in ("quoted", "paraphrased", "second-hand", "disputed"))
