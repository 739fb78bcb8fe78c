"""The package `iso15118` verifies the tariffs that we hand on, with its own arithmetic.

Its EVCC looks at no tariff's signature, so what it would look with is asked. It reads messages
with our codec: its own cannot write a SalesTariff with costs again.
"""

import json
import os
import subprocess

import pytest

from pki.tariffs import DEFAULT, pricing_of
from seccstack.session.events import Exchanged, ForecastChanged, ProvideTariffs
from tests import lab as labs
from tests.interop.conftest import PEER
from tests.programs import PROJECT, SECONDS
from tests.session import pricing
from tests.session.iso2.test_tariffs import authorized
from tests.session.vehicle import EMAID, parameters

pytestmark = pytest.mark.interop

VERIFIES = """
import json, sys
from iso15118.shared.exi_codec import EXI
from iso15118.shared.messages.enums import Namespace
from iso15118.shared.security import verify_signature
from iso15118.shared.settings import load_shared_settings
from seccstack.messages.for_iso15118 import SeccstackEXICodec

load_shared_settings()
EXI().set_exi_codec(SeccstackEXICodec())
exi, *certificates = sys.argv[1:]
message = EXI().from_exi(bytes.fromhex(exi), Namespace.ISO_V2_MSG_DEF)
response = message.body.charge_parameter_discovery_res
tariffs = [one.sales_tariff for one in response.sa_schedule_list.schedule_tuples]
signed = [(one.id, EXI().to_exi(one, Namespace.ISO_V2_MSG_DEF)) for one in tariffs]
altered = [(one, octets[:-1] + bytes([octets[-1] ^ 16])) for one, octets in signed]
ders = [open(path, "rb").read() for path in certificates]
found = [verify_signature(message.header.signature, signed, der) for der in ders]
found.append(verify_signature(message.header.signature, altered, ders[0]))
print(json.dumps([len(tariffs), *found]))
"""


def handed_on(lab):
    """The EXI of what who has a contract is offered: two schedules, each with a tariff."""
    seller = pricing_of(lab, EMAID, DEFAULT)
    ev = authorized(contract=True)
    ev.tell(ForecastChanged(((ev.now + 3600, 10.0),)))
    ev.ask(parameters(most=5))
    ev.price(pricing.answered(ev.wanted(ProvideTariffs), seller))
    return next(a for a in reversed(ev.done) if isinstance(a, Exchanged)).exi


def test_the_operator_s_signature_holds_and_nobody_else_s(tmp_path):
    lab = labs.minted(tmp_path / "lab")
    names = ("mo.mo_sub2", "mo.mo_sub1", "v2g-a.secc")
    certificates = [str(lab / f"certificates/{name}.der") for name in names]
    found = subprocess.run(  # noqa: S603
        [PEER, "-c", VERIFIES, handed_on(lab).hex(), *certificates],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout.splitlines()[-1]) == [2, True, False, False, False]
