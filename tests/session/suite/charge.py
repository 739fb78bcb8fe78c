"""A whole charge by contract in which the vehicle says one thing otherwise than it would.

The charger is the product's own, with contracts verified and provided as they are; the car is
the simulated one. Between them sits who changes, replaces or holds back one of its requests.
"""

import random

from seccstack import v2gtp
from seccstack.auth import contract, ecdsa, judgement
from seccstack.auth.contract import ContractFound, LookUpContract, Trust
from seccstack.auth.decision import Policy
from seccstack.errors import SeccError
from seccstack.events import BytesReceived, CertificatesRead, CloseStream
from seccstack.messages import iso2
from seccstack.messages.codec import Schema, decode, encode
from seccstack.outlet import Settings
from seccstack.pilot import settings as pilot_settings
from seccstack.pilot.settings import Current
from seccstack.sdp import Tls
from seccstack.session.events import (
    ContractProvided,
    Exchanged,
    Meter,
    MeterRead,
    ProvideContract,
)
from seccstack.session.plant import INTERNET, Charger
from seccstack.session.signature import made
from seccstack.session.verification import Verifier
from seccstack.sim import car as cars
from seccstack.sim.car import Car, Character
from seccstack.sim.evcc_requests import Wishes
from seccstack.sim.registry import SimRegistry
from seccstack.sim.wallet import Wallet
from seccstack.sim.world import World
from tests.session.dc_vehicle import EXTENDED, SUPPLY
from tests.session.suite.paper import NOW
from tests.session.vehicle import THREE

GIVEN = iso2.CertificateInstallationRes | iso2.CertificateUpdateRes


def wallet(credential, emaid):
    return Wallet(emaid, credential.chain, lambda octets: ecdsa.sign(credential.key, octets))


def signed(request, credential):
    """Sign a request with its Id; None: by nobody."""
    elements = {request.id: (type(request).__name__, request)}
    return made(elements, lambda octets: ecdsa.sign(credential.key, octets))


def message(body, session_id, signature=None):
    header = iso2.MessageHeader(session_id=session_id, signature=signature)
    return iso2.V2G_Message(header=header, body=body)


def framed(said):
    return v2gtp.encode(v2gtp.EXI, encode(Schema.ISO2, said))


def read(data):
    """The message of ISO 15118-2 in these bytes, or None."""
    [payload] = v2gtp.Reader().feed(data)
    try:
        found = decode(Schema.ISO2, payload.octets).message
    except SeccError:
        return None
    return found if isinstance(found, iso2.V2G_Message) else None


class Charge:
    """``change``: of the first message of this kind, its replacement; ``before``: a message
    that is said before the contract is shown, whose answer the car never sees."""

    def __init__(self, paper, dc=False, kind=None, change=None, before=None, **how):
        self._kind, self._change, self._before = kind, change, before
        self._held = None
        self._paper, self._service = paper, paper.service()
        self._verifier = Verifier(paper.operators.roots)
        self._trust = how.pop("trust", Trust.CHAIN)
        credential = how.pop("credential", paper.contract)
        own = {
            "contracts": True,
            "provides": True,
            "receipt_seconds": 5.0,
            **how.pop("own", {}),
        }
        meter = how.pop("meter", True)
        charger = Charger(
            evse_id="DE*ABC*E1",
            supply=SUPPLY if dc else None,
            services=(INTERNET,),
            **own,
        )
        wishes = Wishes(
            evccid=b"",
            wallet=wallet(credential, paper.emaid),
            mode=EXTENDED if dc else THREE,
            max_amps=100 if dc else 32,
            **{"loops": 30, **how},
        )
        octets = random.Random(0).randbytes  # noqa: S311 - the same run each time
        self.world = World(
            Settings(
                charger=charger,
                rated_amps=72.0 if dc else 16.0,
                access=judgement.Settings(policy=Policy.CARD, card_wait_seconds=5.0),
                contract=contract.Settings(trust=self._trust),
                pilot=pilot_settings.Settings(**({"current": Current.DC} if dc else {})),
                tls=Tls.OFFERED,
            ),
            Car(Character(wishes=wishes), octets),
            registry=SimRegistry(),
            octets=octets,
            wall_time=int(NOW.timestamp()),
            contracts=self._answer,
        )
        self.steps = []
        self.world.observers.append(lambda *step: self.steps.append(step))
        self._tell, self._show = self.world.tell, self.world.show
        self.world.tell, self.world.show = self._telling, self._showing
        self.world.at(0.5, lambda: self._tell(CertificatesRead(("v2g-a",), ())))
        if meter:
            self.world.at(0.5, lambda: self._tell(MeterRead(Meter("meter", 77))))
        self.world.at(1.0, self.world.plug_in)

    def _answer(self, question):
        if isinstance(question, LookUpContract):
            return 500.0, ContractFound(question.emaid, None, "")
        if isinstance(question, ProvideContract):
            given = self._service.answer(question.request, NOW.timestamp())
            return 0.1, ContractProvided(question.ticket, given, "")
        return 0.002, self._verifier.answer(question)

    # Between the car and the charger.

    def _telling(self, event):
        said = read(event.data) if isinstance(event, BytesReceived) else None
        if said is None:
            return self._tell(event)
        if self._before and isinstance(said.body, iso2.PaymentDetailsReq):
            self._held, first, self._before = event, self._before, None
            return self._say(event.stream, first(said))
        if self._kind is not None and isinstance(said.body, self._kind):
            self._kind = None
            return self._say(event.stream, self._change(said))
        return self._tell(event)

    def _say(self, stream, said):
        return self._tell(BytesReceived(stream, framed(said)))

    def _showing(self, event):
        said = read(event.data) if isinstance(event, cars.BytesArrived) else None
        if self._held is not None and said is not None and isinstance(said.body, GIVEN):
            held, self._held = self._held, None
            return self._tell(held)
        return self._show(event)

    # What is seen.

    def run(self, until=40.0):
        self.world.run(until)
        return self

    def messages(self, *kinds):
        """The messages of these kinds, each with its time."""
        return [
            (now, action.message)
            for now, _, actions in self.steps
            for action in actions
            if isinstance(action, Exchanged) and isinstance(action.message, iso2.V2G_Message)
            if isinstance(action.message.body, kinds)
        ]

    def bodies(self, *kinds):
        return [said.body for _, said in self.messages(*kinds)]

    def codes(self, *kinds):
        return [body.response_code.value for body in self.bodies(*kinds)]

    def closed(self):
        """When the charger first closed a stream."""
        times = [now for now, _, done in self.steps for a in done if isinstance(a, CloseStream)]
        return times[0] if times else None
