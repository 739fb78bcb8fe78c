"""Whose it is that a session did not end well, and why: the first rule that applies.

The order is that of causes: what comes first in a session explains what came of it, and a
definite act (a refusal, an answer that is late) comes before what may only look odd.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seccstack.capture import rules_joining, rules_talking
from seccstack.capture.case import CAPTURE, Case, Failure
from seccstack.capture.ending import read_to
from seccstack.capture.plugins import PlugIn

Rule = Callable[[Case], Failure | None]

JOINING: tuple[Rule, ...] = (
    rules_joining.no_match,
    rules_joining.no_link,
    rules_joining.no_address,
    rules_joining.tls_alert,
    rules_joining.silent_connection,
    rules_joining.no_protocol,
)
TALKING: tuple[Rule, ...] = (
    rules_talking.process_too_long,
    rules_talking.no_power_in_time,
    rules_talking.refused,
    rules_talking.charger_broken,
    rules_talking.no_current,
    rules_talking.vehicle_error,
    rules_talking.beyond_limits,
    rules_talking.too_slow,
    rules_talking.unanswered,
    rules_talking.nothing_suits,
    rules_talking.closed_without_stop,
    rules_talking.stopped_early,
    rules_talking.capture_ends,
)


def failure_of(plug_in: PlugIn) -> Failure | None:
    """Return the verdict on a plug-in; None if it ended well, or if nobody can tell."""
    failure = _first(plug_in)
    if failure is None or failure.whose != CAPTURE:
        return failure
    return replace(failure, why=read_to(plug_in, failure.why))


def _first(plug_in: PlugIn) -> Failure | None:
    case = Case(plug_in)
    for rule in JOINING:
        failure = rule(case)
        if failure is not None:
            return failure
    if not case.exchanges:
        return None  # at most an answer that was left over from another session
    for rule in TALKING:
        failure = rule(case)
        if failure is not None:
            pulled = failure.whose == CAPTURE and plug_in.unplugged_at is not None
            return None if pulled else failure
    return None
