"""Judging all but the modem: privileges, interface, address, ports, files, clock, hardware."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seccstack.doctor.finding import Finding, fail, ok, warn

# linux/if.h, linux/if_addr.h
UP, RUNNING, LOOPBACK = 0x1, 0x40, 0x8
TENTATIVE, DUPLICATE = 0x40, 0x08
EARLIEST = 1_760_000_000  # seconds since 1970; this was written later
SDP = "UDP port 15118"
SDP_PORT, ALL_NODES, V2G_PORTS = 15118, "ff02::1", range(49152, 65536)
MOST_NAMED = 6  # listeners in a line
DAY = 86_400  # seconds


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface as the kernel has it; ``flags`` None: there is none of the name."""

    name: str
    flags: int | None = None
    mac: bytes = bytes(6)


@dataclass(frozen=True, slots=True)
class Address:
    """An IPv6 link-local address of the interface."""

    text: str
    flags: int


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that answers whoever sends to it; ``program`` is empty where it is unknown."""

    kind: str  # TCP, UDP
    address: str
    port: int
    program: str = ""

    @property
    def ours(self) -> bool:
        """Whether it is what a charger serves: SDP, or V2G at an address of the link."""
        if self.kind == "UDP":
            return self.port == SDP_PORT and self.address == ALL_NODES
        return self.port in V2G_PORTS and self.address.startswith("fe80:")

    def __str__(self) -> str:
        named = f" ({self.program})" if self.program else ""
        return f"{self.kind} port {self.port}{named}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate chain that vehicles can be shown now; ``ends``: seconds since 1970."""

    name: str
    ends: float
    stapled: bool


def simulated(check: str, what: str) -> Finding:
    """What needs no looking at."""
    return ok(check, f"simulated: {what}")


def privileges(may: bool) -> Finding:
    """Judge whether raw frames may be sent and received."""
    if may:
        return ok("privileges", "raw frames may be sent and received (CAP_NET_RAW)")
    return fail(
        "privileges",
        "raw frames may not be sent: CAP_NET_RAW is missing",
        "run as root, give the service `AmbientCapabilities=CAP_NET_RAW`, or `setcap "
        "cap_net_raw+ep` the Python interpreter of this installation",
    )


def interface(found: Interface) -> Finding:
    """Judge whether the interface can carry frames."""
    name = found.name
    if found.flags is None:
        remedy = "`ip link` lists those there are; correct powerline.interface, or load the "
        return fail("interface", f"there is none {name!r}", remedy + "modem's driver")
    if not found.flags & UP:
        return fail("interface", f"{name} is down", f"`ip link set {name} up`")
    if found.flags & LOOPBACK:
        return fail("interface", f"{name} is the loopback", "name the modem's interface")
    if not found.flags & RUNNING:
        remedy = "see that the modem has power, and that its cable is in"
        return warn("interface", f"{name} is up, but has no carrier", remedy)
    return ok("interface", f"{name} is up, {found.mac.hex(':')}")


def address(interface: str, found: Sequence[Address], disabled: bool) -> Finding:
    """Judge whether SDP and V2G messages have an address to be served at."""
    usable = [a.text for a in found if not a.flags & (TENTATIVE | DUPLICATE)]
    if usable:
        return ok("IPv6", f"{usable[0]} on {interface}")
    if any(a.flags & DUPLICATE for a in found):
        return fail(
            "IPv6",
            f"{found[0].text} on {interface} is another's, too (duplicate address)",
            "give the interface an Ethernet address of its own, and set it down and up",
        )
    if found:
        remedy = "wait 2 s; a link-local address is checked for duplicates first"
        return warn("IPv6", f"{found[0].text} on {interface} is tentative", remedy)
    if disabled:
        remedy = f"`sysctl net.ipv6.conf.{interface}.disable_ipv6=0`"
        return fail("IPv6", f"it is switched off on {interface}", remedy)
    remedy = f"`ip link set {interface} up`; see that net.ipv6.conf.{interface}.addr_gen_mode "
    return fail("IPv6", f"{interface} has no link-local address", remedy + "is 0")


def port(what: str, trouble: str | None, remedy: str) -> Finding:
    """Judge whether a port can be bound to."""
    if trouble is None:
        return ok("ports", f"{what} is free")
    return fail("ports", f"{what} cannot be had: {trouble}", remedy)


def services(interface: str, found: Sequence[Listener]) -> Finding:
    """Judge who else answers on the interface to which the street has access."""
    others = list(dict.fromkeys(str(one) for one in found if not one.ours))
    if not others:
        return ok("services", f"nothing but SDP and V2G answers on {interface}")
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    said = f"{', '.join(others[:MOST_NAMED])}{more}: can be reached by whoever holds the plug"
    remedy = (
        "bind them to other addresses than ::, or let a firewall drop whatever comes in on "
    )
    allowed = f"{interface} but UDP 15118, TCP 49152-65535 and ICMPv6"
    return warn("services", said, remedy + allowed)


def forwarding(interface: str, on: bool) -> Finding:
    """Judge whether a vehicle's packets could go on into the owner's network."""
    if not on:
        return ok("forwarding", f"IPv6 packets end here that come in on {interface}")
    remedy = f"`sysctl net.ipv6.conf.all.forwarding=0`, or drop in a firewall what {interface} "
    said = f"IPv6 packets that come in on {interface} may be passed on into other networks"
    return warn("forwarding", said, remedy + "sends elsewhere")


def registry(path: str, trouble: str | None, present: bool) -> Finding:
    """Judge the file of vehicles and cards."""
    if trouble is not None:
        remedy = "give registry.path a place that is writable, or restore the file"
        return fail("registry", f"{path}: {trouble}", remedy)
    return ok("registry", f"{path} {'can be read and written' if present else 'will be made'}")


def control(path: str, trouble: str | None, running: bool) -> Finding:
    """Judge the socket that a running charger is spoken to by."""
    if running:
        return ok(
            "charger", f"one is running, control socket {path}: it is asked, and left alone"
        )
    if trouble is not None:
        remedy = "give control.socket a path of at most 100 characters in a writable folder"
        return fail("charger", f"none is running, and none could: {path}: {trouble}", remedy)
    return ok("charger", f"none is running; control socket {path} can be made")


def certificates(
    shown: Sequence[Shown], problems: Sequence[str], mode: str, now: float
) -> list[Finding]:
    """Judge the chains for TLS: those that can be shown, and what is wrong with others."""
    findings = [_chain(chain, now) for chain in shown]
    remedy = "mend what tls.chains names; it is read again when it changes, without a restart"
    findings += [warn("TLS", problem, remedy) for problem in problems]
    if not shown:
        lost = "no vehicle is served" if mode == "require" else "all vehicles go without TLS"
        remedy = "give tls.chains a chain that is valid; `python -m pki lab` makes one for labs"
        verdict = fail if mode == "require" else warn
        findings.append(verdict("TLS", f"there is no chain to show: {lost}", remedy))
    return findings


def _chain(chain: Shown, now: float) -> Finding:
    said = f"{chain.name} is valid for {(chain.ends - now) / DAY:.0f} days"
    if chain.stapled:
        return ok("TLS", f"{said}, and its OCSP response can be stapled")
    remedy = "put its OCSP response beside it as ocsp.der: vehicles of ISO 15118-2 ask for it"
    return warn("TLS", f"{said}; no OCSP response can be stapled", remedy)


def clock(now: float, synchronised: bool | None) -> Finding:
    """Judge whether the wall clock can be trusted with certificates and records."""
    if now < EARLIEST:
        remedy = "set it (`timedatectl set-ntp true`), or fit a clock that keeps time"
        return fail("clock", "it is years behind: certificates look not yet valid", remedy)
    if synchronised is False:
        remedy = "run a time service (chrony, systemd-timesyncd)"
        return warn("clock", "nothing keeps it: it is not synchronised", remedy)
    return ok("clock", "synchronised" if synchronised else "plausible")


def pilot(name: str, trouble: str | None) -> Finding:
    """Judge a real pilot controller."""
    if trouble is None:
        return ok("pilot", name)
    remedy = "no vehicle is charged like that; see to it, or correct pilot in the config"
    return fail("pilot", f"{name}: {trouble}", remedy)


def simulated_pilot(real_powerline: bool) -> Finding:
    """Judge a pilot line that is simulated."""
    if real_powerline:
        remedy = "no vehicle is charged like that; configure a pilot controller"
        return warn("pilot", "simulated, beside a real modem", remedy)
    return simulated("pilot", "turn it with `seccstack tell pilot B`")
