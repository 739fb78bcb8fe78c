"""SECC and EVCC of the package `iso15118` charge with our EXI codec, on one side or on both.

Both are processes of the package's own Python. A side with our codec finds no Java on its PATH;
that none runs there is looked up in /proc, where it is seen to run on the other.
"""

import json
import os
import shutil
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from seccstack.adapters.addresses import link_local
from seccstack.adapters.unavailable import UnavailableError
from tests.interop.conftest import CAR, CHARGER, PEER
from tests.namespaces import cable, missing, namespace, require_namespaces
from tests.programs import PROJECT, SECONDS, Program

pytestmark = pytest.mark.interop

BOTH, EVCC_ONLY, SECC_ONLY = ("secc", "evcc"), ("evcc",), ("secc",)
SIDES = pytest.mark.parametrize("ours", [BOTH, EVCC_ONLY, SECC_ONLY], ids="_and_".join)
WITH_TLS = {"useTls": True, "enforceTls": True}
ISO20_AC = {"supportedProtocols": ["ISO_15118_20_AC"], "supportedEnergyServices": ["AC"]}
WHERE_IT_IS = "import iso15118, msgspec; print(iso15118.__path__[0])"
TAKES_OUR_ERRORS = """
import json
from iso15118.shared.exi_codec import EXI
from iso15118.shared.exceptions import EXIDecodingError, EXIEncodingError
from iso15118.shared.iexi_codec import IEXICodec
from iso15118.shared.messages.enums import Namespace
from iso15118.shared.messages.iso15118_20.common_messages import SessionSetupReq
from iso15118.shared.messages.iso15118_20.common_types import MessageHeader
from iso15118.shared.settings import load_shared_settings
from seccstack.messages.for_iso15118 import SeccstackEXICodec

load_shared_settings()
codec = SeccstackEXICodec()
assert isinstance(codec, IEXICodec)
EXI().set_exi_codec(codec)
told = []
try:
    EXI().from_exi(bytes.fromhex("8098004011d01801f7e8"), Namespace.ISO_V2_MSG_DEF)
except EXIDecodingError as error:
    told.append(str(error))
header = MessageHeader(session_id="00", timestamp=1)
try:
    request = SessionSetupReq(header=header, evcc_id="WMIV1234567890ABCDEX")
    EXI().to_exi(request, Namespace.ISO_V20_COMMON_MSG)
except EXIEncodingError as error:
    told.append(str(error))
print(json.dumps(told))
"""


def in_peer(program):
    """Run a program in the package's environment; return how it went."""
    return subprocess.run(  # noqa: S603
        [PEER, "-c", program],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def package():
    """The folder of the package, in a Python that can run it; that needs no Java."""
    if not PEER.is_file():
        missing(f"{PEER}, the environment of tools/peer-requirements.txt")
    asked = in_peer(WHERE_IT_IS)
    if asked.returncode:
        missing(f"iso15118 or msgspec in {PEER}: see tools/peer-requirements.txt")
    return Path(asked.stdout.strip())


@pytest.fixture(scope="module")
def certificates(package, tmp_path_factory):
    """Certificates of all parties, made by the package's own script."""
    for tool in ("openssl", "bash"):
        if shutil.which(tool) is None:
            missing(f"the command {tool}, for certificates")
    folder = tmp_path_factory.mktemp("certificates") / "pki"
    shutil.copytree(package / "shared" / "pki", folder)
    script = ["bash", "create_certs.sh", "-v", "iso-2"]
    subprocess.run(script, cwd=folder, check=True, capture_output=True, timeout=SECONDS)  # noqa: S603
    return {"PKI_PATH": f"{folder}/"}


def wait_for_address(place, interface):
    """Wait until an interface can be used: the package's EVCC tries only once."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            with place.inside():
                return link_local(interface)
        except UnavailableError:
            time.sleep(0.01)
    raise AssertionError(f"{interface} got no address")


def java_of(program):
    """The Java processes that a program has started: they are in its session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, rest = stat.read_text().split("(", 1)
        except OSError:  # it has just ended
            continue
        command, rest = rest.rsplit(")", 1)
        session = int(rest.split()[3])
        found += [command] * (session == program.process.pid and command == "java")
    return found


@pytest.fixture(scope="module")
def places(package):
    """Where the charger and the car are, joined by a cable."""
    require_namespaces()
    with namespace() as charger, namespace() as car:
        cable(charger, CHARGER, car, CAR)
        wait_for_address(charger, CHARGER)
        wait_for_address(car, CAR)
        yield {"secc": (charger, CHARGER), "evcc": (car, CAR)}


@pytest.fixture
def charge(places, tmp_path):
    """How a car charges at a charger, of which these have our codec; gives both programs."""
    with ExitStack() as stack:

        def start(side, ours, environment):
            place, interface = places[side]
            codec = "seccstack" if side in ours else "exificient"
            path = tmp_path if side in ours else os.environ["PATH"]  # ours: without Java
            tool = ["env", f"PATH={path}", PEER, "-u", PROJECT / "tools" / "run_iso15118.py"]
            words = [side, "--interface", interface, "--codec", codec]
            words += ["--config", tmp_path / "ev.json"]
            command = place.command(*tool, *words)
            return stack.enter_context(Program(command, tmp_path, env=environment))

        def run(ours, environment, **settings):
            if ours != BOTH and shutil.which("java") is None:
                missing("a Java runtime, for the package's own EXI codec")
            (tmp_path / "ev.json").write_text(json.dumps(settings))
            secc, evcc = (start(side, ours, environment) for side in ("secc", "evcc"))
            secc.expect(event="ready")
            evcc.expect(event="ready")
            evcc.begin()
            for program in (evcc, secc):
                ended = program.expect(event="ended")
                assert program.lines[ended]["successful"], program.lines[ended]["why"]
            assert java_of(secc) == ["java"] * ("secc" not in ours)
            assert java_of(evcc) == ["java"] * ("evcc" not in ours)
            assert evcc.wait() == 0
            return secc, evcc

        yield run


def passed(program, event):
    """What passed through a side's codec, as JSON and as EXI."""
    lines = [line for line in program.lines if line["event"] == event]
    return [(line["message"], line["exi"]) for line in lines]


def assert_understood(secc, evcc):
    """Each side has read just what the other has written."""
    for sender, receiver in ((secc, evcc), (evcc, secc)):
        sent, received = passed(sender, "sent"), passed(receiver, "received")
        assert len(received) > 10
        assert [item for item in received if item not in sent] == []


def names(program, event):
    """The elements that passed through a side's codec."""
    found = set()
    for message, _ in passed(program, event):
        body = message.get("V2G_Message", {}).get("Body", message)
        found |= body.keys()
    return found


def test_the_package_takes_the_codec_for_one_of_its_own_and_tells_our_errors(package):
    done = in_peer(TAKES_OUR_ERRORS)
    assert done.returncode == 0, done.stderr
    decoding, encoding = json.loads(done.stdout.splitlines()[-1])
    place = "iso2 V2G_Message/Body/SessionSetupReq/EVCCID: "
    assert decoding.startswith(f"EXIDecodingError (MalformedError): {place}")
    assert "(bit " in decoding
    assert "SessionSetupReq/Header/SessionID: has 1 octets, not 8" in encoding


@SIDES
def test_iso_15118_2_ac(charge, ours):
    secc, evcc = charge(ours, {"AUTH_MODES": "EIM"})
    assert_understood(secc, evcc)
    assert {"ChargingStatusRes", "SessionStopRes"} <= names(evcc, "received")


@SIDES
def test_iso_15118_20_ac_with_a_contract(charge, certificates, ours):
    secc, evcc = charge(ours, {"AUTH_MODES": "PNC", **certificates}, **ISO20_AC)
    assert_understood(secc, evcc)
    assert {"AC_ChargeLoopRes", "SessionStopRes"} <= names(evcc, "received")
    for signs in (secc, evcc):  # makes the digest or makes it again
        assert {"PnC_AReqAuthorizationMode", "SignedInfo"} <= names(signs, "sent")


@SIDES
def test_iso_15118_2_ac_with_a_contract_that_is_installed_first(charge, certificates, ours):
    environment = {"AUTH_MODES": "PNC", **certificates}
    secc, evcc = charge(ours, environment, **WITH_TLS, isCertInstallNeeded=True)
    assert_understood(secc, evcc)
    assert {"CertificateInstallationRes", "SessionStopRes"} <= names(evcc, "received")
    installed = {"ContractSignatureCertChain", "ContractSignatureEncryptedPrivateKey"}
    for signs in (secc, evcc):
        signed = installed | {"DHpublickey", "eMAID", "AuthorizationReq", "SignedInfo"}
        assert signed <= names(signs, "sent")
