"""Entries of the trail are of a bounded size, whatever a vehicle said."""

from seccstack.auth.audit import MAX_LETTERS, MAX_TEXTS, AuditEntry, AuditKind, bounded


def test_what_is_short_stays_as_it_is():
    entry = AuditEntry(at=1.0, kind=AuditKind.DENIED, reasons=("a",), evidence=("b", "c"))
    assert bounded(entry) == entry


def test_what_is_long_is_cut():
    entry = AuditEntry(at=1.0, kind=AuditKind.DENIED, reasons=("a" * 9999,) * 99)
    assert bounded(entry).reasons == ("a" * MAX_LETTERS,) * MAX_TEXTS
