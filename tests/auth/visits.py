"""Vehicles of every kind at an authorisation desk, for tests of what is decided about them."""

from dataclasses import replace

from seccstack.auth.authorisation import Authorisation
from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.events import (
    AuthorisationWanted,
    CardFound,
    CardPresented,
    ContractVouched,
    Decided,
    FingerprintSeen,
    PluggedIn,
    VehicleFound,
)
from seccstack.auth.fingerprint import FRESH, Fingerprint
from seccstack.auth.judgement import Settings
from seccstack.auth.suspicion import Relative
from seccstack.auth.vehicle import NAMES, Identity

MAC = bytes.fromhex("EC65CC4FC201")
OTHER = bytes.fromhex("DC442711BBAA")
INVENTED = bytes.fromhex("02FEED0B0B0B")
BORN, REBORN = bytes.fromhex("007DFA061234"), bytes.fromhex("007DFA09ABCD")
UID, SECOND = "04A1B2C3D4E5F6", "0011AABB"
I4 = VehicleRecord(mac=MAC, label="i4")
ID4 = VehicleRecord(mac=BORN, label="id.4")
CARD = CardRecord(uid=UID, label="Ada")
SHOWN = Fingerprint(run_id="MAC+0000", offer=("ISO",), security="none")
UNLIKE = Fingerprint(run_id=FRESH, offer=("DIN",), security="none")
BY_CARD = (CardPresented(UID), CardFound(UID, CARD))
BY_CONTRACT = (ContractVouched(("contract DE8AA1A2B3C4D5 is proven",)),)


def claiming(mac=MAC, **others):
    """What a vehicle says of itself, one address everywhere but for ``others``."""
    identity = Identity()
    for claim, value in {**dict.fromkeys(NAMES, mac), **others}.items():
        identity = identity if value is None else identity.learn(claim, value, "test", 0.0)
    return identity


def relative(**others):
    """A registered vehicle whose address rotates, and that the one here is like."""
    return Relative(ID4, (SHOWN,), **others)


def coming(identity, *found, shown=None):
    """A vehicle says who it is, speaks as it does, and the registry says whom it knows."""
    seen = [] if shown is None else [FingerprintSeen(shown)]
    return (*seen, AuthorisationWanted(identity), *found)


HONEST, LIAR = claiming(), claiming(evccid=OTHER)
KINDS = {
    "says nothing": coming(Identity()),
    "unknown": coming(HONEST, VehicleFound(MAC, None)),
    "registered": coming(HONEST, VehicleFound(MAC, I4)),
    "like before": coming(HONEST, VehicleFound(MAC, I4, prints=(SHOWN,)), shown=SHOWN),
    "unlike before": coming(HONEST, VehicleFound(MAC, I4, prints=(SHOWN,)), shown=UNLIKE),
    "without TLS": coming(HONEST, VehicleFound(MAC, I4, used_tls=True)),
    "blocked": coming(HONEST, VehicleFound(MAC, replace(I4, enabled=False))),
    "expired": coming(HONEST, VehicleFound(MAC, replace(I4, expired=True))),
    "contradicting": coming(LIAR, VehicleFound(MAC, I4)),
    "doubled": coming(HONEST.alarm("it is heard twice"), VehicleFound(MAC, I4)),
    "without EVCCID": coming(claiming(evccid=None), VehicleFound(MAC, I4)),
    "not of this plug": coming(claiming(slac_mac=None, match_mac=None), VehicleFound(MAC, I4)),
    "made-up address": coming(
        claiming(INVENTED), VehicleFound(INVENTED, VehicleRecord(mac=INVENTED))
    ),
    "rotating, its own": coming(claiming(BORN), VehicleFound(BORN, ID4)),
    "rotating, kept": coming(
        claiming(BORN), VehicleFound(BORN, ID4, prints=(SHOWN, SHOWN)), shown=SHOWN
    ),
    "rotating, like one": coming(
        claiming(REBORN), VehicleFound(REBORN, None, family=(relative(),)), shown=SHOWN
    ),
    "rotating, vouched": coming(
        claiming(REBORN),
        VehicleFound(REBORN, None, family=(relative(vouched=60.0),)),
        shown=SHOWN,
    ),
    "rotating, like two": coming(
        claiming(REBORN),
        VehicleFound(
            REBORN,
            None,
            family=(relative(vouched=60.0), Relative(replace(I4, mac=OTHER), (SHOWN,), 60.0)),
        ),
        shown=SHOWN,
    ),
    "proven before": coming(HONEST, VehicleFound(MAC, replace(I4, proven_at=1.0))),
}


class Desk:
    """An authorisation, a vehicle of some kind, and the time."""

    def __init__(self, kind=None, *, before=(), **settings):
        self.now, self.said = 100.0, []
        self.machine = Authorisation(Settings(**settings))
        self.tell(PluggedIn(1), FingerprintSeen(Fingerprint()), *before)
        self.tell(*KINDS.get(kind, ()))

    def tell(self, *events):
        for event in events:
            self.said += self.machine.receive(event, self.now)
        return self

    def wait(self, seconds):
        """Let time pass, with every deadline on the way."""
        until = self.now + seconds
        while (deadline := self.machine.deadline) is not None and deadline <= until:
            self.now = deadline
            self.said += self.machine.tick(deadline)
            assert self.machine.deadline != deadline
        self.now = until
        return self

    @property
    def decision(self):
        return self.machine.decision

    @property
    def reasons(self):
        return "; ".join(self.decision.reasons)

    @property
    def by(self):
        return getattr(self.decision, "by", None)

    def of(self, kind):
        return [action for action in self.said if isinstance(action, kind)]

    @property
    def decided(self):
        return [action.decision for action in self.of(Decided)]
