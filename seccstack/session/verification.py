"""What sessions ask to have verified, and how it is: with roots and lists that are at hand.

Who imports this loads OpenSSL: sessions themselves never do.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509

from seccstack.auth import chain, ecdsa, emaid
from seccstack.auth.revocation import RevocationLists
from seccstack.session.events import (
    ContractVerified,
    Proven,
    SignatureVerified,
    Unproven,
    VerifyContract,
    VerifySignature,
)

RULES = {"iso2": chain.ISO2, "iso20": chain.ISO20, "lab": chain.LAB}
Question = VerifyContract | VerifySignature


class Verifier:
    """Answers at once: whoever may not wait asks it in another thread."""

    def __init__(
        self, roots: Sequence[x509.Certificate], lists: RevocationLists = chain.NO_LISTS
    ) -> None:
        self._roots, self._lists = roots, lists

    def answer(self, question: Question) -> ContractVerified | SignatureVerified:
        """Answer a session's question."""
        if isinstance(question, VerifySignature):
            valid = ecdsa.holds(question.key, question.signed, question.value)
            return SignatureVerified(question.ticket, valid)
        return ContractVerified(question.ticket, self._follow(question))

    def _follow(self, shown: VerifyContract) -> Proven | Unproven:
        try:
            found = chain.verify(
                shown.leaf, shown.subs, self._roots, shown.at, self._lists, RULES[shown.rules]
            )
        except chain.ChainError as error:
            return Unproven(error.fault.value, str(error))
        said = shown.emaid or shown.rules == "iso2"
        if said and not emaid.same(found.emaid, shown.emaid):
            why = f"the certificate is of contract {found.emaid}, not {shown.emaid[:40]!r}"
            return Unproven(chain.Fault.NOT_ALLOWED.value, why)
        key, soon = ecdsa.octets_of(found.key), found.expires_soon(shown.at)
        return Proven(found.emaid, key, found.root, found.ends, soon)
