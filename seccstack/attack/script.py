"""What an attack is, and what scripts have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from seccstack.attack.target import STRANGER, Stream, Target
from seccstack.attack.verdict import OUR_FAULT, Breached, Held, NotApplicable, Outcome, Result
from seccstack.attack.visitor import VEHICLE, Visitor
from seccstack.auth.decision import Policy
from seccstack.errors import UsageError

EVERYBODY = 'everybody may charge here (access.policy = "open")'
NOT_TRIED = "not tried"
SETTLE_SECONDS = 6.0  # after unplugging: a modem takes another key, a pilot comes to rest
PULSES_SECONDS = 20.0  # from giving ISO 15118 up to pulses that somebody might charge by
FAULT_CHARACTERS = 200  # of an exception's text: one line of a table


@dataclass(frozen=True, slots=True)
class Attack:
    """``does``, ``must_not``: for the owner; ``replugs``: whether the plug has to be turned."""

    name: str
    does: str
    must_not: str
    play: Callable[[Target], Outcome]
    replugs: bool = True


def owner(target: Target) -> Visitor:
    """The owner's vehicle, as it always is."""
    setup = target.setup
    return Visitor(target, setup.registered, VEHICLE, wallet=setup.wallet)


def needs_card(target: Target) -> bool:
    """Whether the owner's vehicle is not let in by itself now."""
    setup = target.setup
    by_itself = setup.policy is not Policy.CARD or setup.wallet is not None
    return not by_itself or (target.locked_out and setup.wallet is None)


def charging(target: Target) -> Visitor:
    """Let the owner's vehicle charge; UsageError if it does not even without an attack."""
    own = owner(target)
    if not own.arrive():
        raise UsageError("the owner's vehicle is not matched, without any attack")
    if needs_card(target):
        target.hold_card()
    if not own.charge(seconds=10.0):
        why = own.refused or "it got no answer, no grant, or no power"
        raise UsageError(f"the owner's vehicle does not charge without any attack: {why}")
    return own


def stranger(target: Target) -> Visitor:
    """Let a strange vehicle be matched; UsageError if it is not, whatever it wants then."""
    visitor = Visitor(target, STRANGER, VEHICLE)
    if not visitor.arrive():
        raise UsageError("a vehicle that is a stranger is not matched here at all")
    return visitor


def matched(visitor: Visitor) -> None:
    """Let an attacker's own vehicle be matched; UsageError if it is not: nothing was tried."""
    if not visitor.arrive():
        raise UsageError(f"{NOT_TRIED}: what the attacker plugged in was not matched")


def tries(visitor: Visitor, seconds: float) -> bool:
    """Have it try to charge by ISO 15118, then by pulses; whether it can.

    UsageError if it cannot, but never came to ask: then nothing was tried.
    """
    linked = visitor.arrive()
    if linked and visitor.charge(seconds):
        return True
    if energised_within(visitor.target, PULSES_SECONDS):
        return True
    if not linked:
        raise UsageError(f"{NOT_TRIED}: what the attacker plugged in was not matched")
    heard_out(visitor)
    return False


def heard_out(visitor: Visitor) -> None:
    """Raise UsageError if it never came to ask whether it may charge."""
    if not visitor.asked:
        why = visitor.refused or "it got no session"
        raise UsageError(f"{NOT_TRIED}: the attacker never came to ask to be let in: {why}")


def connected(visitor: Visitor) -> Stream:
    """Open a stream; UsageError if the charger does not take it: nothing was tried."""
    stream = visitor.open(tls=visitor.tls)
    if stream.closed:
        raise UsageError(f"{NOT_TRIED}: the charger took no connection of the attacker's")
    return stream


def clear(target: Target) -> None:
    """Let there be nobody at the plug."""
    target.ready(False)
    target.unplug()
    target.wait(SETTLE_SECONDS)


def energised_within(target: Target, seconds: float) -> bool:
    """Whether there is power at the plug at some time soon."""
    end = target.now + seconds
    while target.now < end and not target.energised:
        target.wait(0.25)
    return target.energised


def run(attack: Attack, target: Target) -> Result:
    """Play an attack, and see whether the owner's vehicle is served as before."""
    return Result(
        attack.name, attack.does, attack.must_not, target.setup.name, _outcome(attack, target)
    )


def _outcome(attack: Attack, target: Target) -> Outcome:
    if attack.replugs and not target.setup.replugs:
        return NotApplicable("nobody can pull the plug here: name the charger's --config")
    try:
        outcome = attack.play(target)
        return _aftermath(target, outcome) if isinstance(outcome, Held) else outcome
    except UsageError as error:
        return NotApplicable(str(error))
    except OSError:
        raise
    except Exception as error:  # of any kind: what it would be is not known
        what = f"{type(error).__name__}: {error}"[:FAULT_CHARACTERS]
        return Breached(f"the charger's own code failed: {what}", OUR_FAULT)


def _aftermath(target: Target, held: Held) -> Outcome:
    if not target.alive:
        return Breached(f"{held.happened}; but then the charger was dead", OUR_FAULT)
    if not target.setup.replugs or (needs_card(target) and not target.setup.card):
        return held
    clear(target)
    try:
        charging(target).end()
    except UsageError:
        said = f"{held.happened}; but then the owner's vehicle charged no more"
        return Breached(said, OUR_FAULT)
    return held
