"""Mint a whole V2G PKI for tests and labs, or judge certificates by their profiles.

    python -m pki OUT [--profile FILE]
    python -m pki check FILE... [--as STANDARD/MEMBER] [--profile FILE] [--json]
    python -m pki provide OUT --socket PATH
    python -m pki price OUT --socket PATH [--prices FILE]

The first writes roots, chains, keys, OCSP responses, lists of the revoked, and specimens that
are wrong on purpose, with an index.json; a FILE of profiles is laid over those that are here
(pki/profiles.toml says what can be changed). The second goes through every field; its exit code
is 0 if all certificates conform, 1 if one does not. The third gives vehicles the contract of a
minted PKI, through a charger whose `contract.provisioning` names the socket: it holds the keys
that sign and encrypt contracts, so it is for labs, and no part of a charger. The fourth says
what energy costs, in tariffs of ISO 15118-2 and -20 that the contract's operator has signed, to
a charger whose `tariff.socket` names the socket; FILE has [[price]] tables with from = "HH:MM"
and cents.

    python -m pki lab && python -m pki check lab/chains/v2g-a.secc/chain.pem
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from pki import checking, layout, profiles
from pki.checking import Judgement
from pki.errors import PkiError

FAILED, MISUSED = 1, 2
SIGNS = {"ok": " ", "note": "~", "wrong": "!"}


def main(words: Sequence[str] | None = None) -> int:
    """Do as the command line says; return the exit code."""
    words = sys.argv[1:] if words is None else words
    try:
        if words[:1] == ["provide"]:
            return _provide(words[1:])
        if words[:1] == ["price"]:
            return _price(words[1:])
        return _check(words[1:]) if words[:1] == ["check"] else _mint(words)
    except PkiError as error:
        print(f"pki: {error}", file=sys.stderr)
        return MISUSED


def _parser(what: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m pki{what}",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--profile", type=Path, metavar="FILE", help="profiles that differ")
    return parser


def _mint(words: Sequence[str]) -> int:
    parser = _parser("")
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder that is not there yet")
    given = parser.parse_args(words)
    files = layout.build(given.out, profiles.load(given.profile), datetime.now(UTC))
    print(f"{given.out}: {files} files; index.json says what each is")
    return 0


def _provide(words: Sequence[str]) -> int:
    from pki.providing import provide  # messages and sockets, for who needs them

    parser = _parser(" provide")
    parser.add_argument("lab", type=Path, metavar="OUT", help="a folder that was minted")
    parser.add_argument("--socket", type=Path, required=True, metavar="PATH")
    given = parser.parse_args(words)
    provide(given.lab, given.socket)
    return 0


def _price(words: Sequence[str]) -> int:
    from pki import tariffs  # messages and sockets, for who needs them
    from pki.providing import price

    parser = _parser(" price")
    parser.add_argument("lab", type=Path, metavar="OUT", help="a folder that was minted")
    parser.add_argument("--socket", type=Path, required=True, metavar="PATH")
    parser.add_argument("--prices", type=Path, metavar="FILE", help="of a day, in local time")
    given = parser.parse_args(words)
    prices = tariffs.DEFAULT if given.prices is None else tariffs.read_prices(given.prices)
    price(given.lab, given.socket, prices)
    return 0


def _check(words: Sequence[str]) -> int:
    parser = _parser(" check")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="PEM or DER")
    parser.add_argument("--as", dest="judged_as", default="", metavar="STANDARD/MEMBER")
    parser.add_argument("--json", action="store_true", help="a JSON object per certificate")
    given = parser.parse_args(words)
    known, now = profiles.load(given.profile), datetime.now(UTC)
    judgements = [
        judgement
        for path in given.files
        for judgement in checking.check(path, known, now, given.judged_as)
    ]
    for judgement in judgements:
        print(_line(judgement) if given.json else _text(judgement))
    return 0 if all(judgement.conforms for judgement in judgements) else FAILED


def _line(judgement: Judgement) -> str:
    return json.dumps({**asdict(judgement), "conforms": judgement.conforms})


def _text(judgement: Judgement) -> str:
    verdict = "conforms" if judgement.conforms else "DOES NOT CONFORM"
    head = (
        f"{judgement.file}, certificate {judgement.number}: {judgement.subject}\n"
        f"  judged as {judgement.judged_as}, {judgement.title}: {verdict}\n"
        f"  (the profile is {judgement.source})"
    )
    lines = [
        f"  {SIGNS[finding.verdict]} {finding.field:<22}  {finding.words}"
        for finding in judgement.findings
    ]
    return "\n".join([head, *lines])


if __name__ == "__main__":
    sys.exit(main())
