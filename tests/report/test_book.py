"""What messages have in common is kept once."""

from base64 import b64decode

from seccstack.report.book import SAFE, Book, Index
from seccstack.report.parts import HEX, NUMBER, SECRET, Form, Part

FORM = Form(NUMBER, "somehow")


def numbered(value, first=0, end=8, flags=0):
    return [Part(0, "N", first, end, FORM, value, first, end, flags)]


def test_a_thing_has_one_number():
    index = Index()
    assert [index.of(thing) for thing in "abca"] == [0, 1, 2, 0]
    assert index.all() == ["a", "b", "c"]


def test_messages_of_a_kind_share_their_layout():
    book = Book()
    assert [book.keep(n, b"\1", numbered(n)) for n in (7, 8)] == [0, 1]
    told = book.to_json()
    assert told["layouts"] == [[0, 0, 0, 8, 0, 0, 8, 0]]
    assert told["contents"] == [[0, "AQ==", [7]], [0, "AQ==", [8]]]
    assert (told["names"], told["forms"]) == (["N"], [["number", "somehow"]])


def test_what_was_kept_is_found_by_its_key():
    book = Book()
    assert book.number_of("key") is None
    assert book.keep("key", b"", []) == book.number_of("key") == 0


def test_where_a_message_breaks_off_is_kept():
    book = Book()
    book.keep("key", b"\1", [Part(0, "N", 0, 8)], broken_at=8)
    assert book.to_json()["contents"] == [[0, "AQ==", [], 8]]


def test_a_number_beyond_what_javascript_holds_is_kept_as_its_digits():
    book = Book()
    for value in (SAFE, SAFE + 1, -SAFE - 1):
        book.keep(value, b"", numbered(value))
    assert [content[2] for content in book.to_json()["contents"]] == [
        [SAFE], [str(SAFE + 1)], [str(-SAFE - 1)],
    ]  # fmt: skip


def test_the_octets_of_a_secret_are_not_in_the_book():
    secret = Part(0, "key", 8, 24, Form(HEX, ""), "left out", 8, 24, SECRET)
    book = Book()
    book.keep("key", b"\1\2\3\4", [secret])
    assert b64decode(book.to_json()["contents"][0][1]) == b"\1\0\0\4"
