"""What an outlet is told before it starts, out of the configuration file."""

from __future__ import annotations

from seccstack.adapters.sharing import sources_of
from seccstack.auth import contract, enrolling, judgement
from seccstack.auth.addresses import parse_uid
from seccstack.auth.decision import Policy
from seccstack.auth.policies import CLAIMS, name_of, ways_of
from seccstack.auth.suspicion import FingerprintUse, RotatingUse
from seccstack.config import Config, Powerline
from seccstack.config_pilot import Pilot
from seccstack.energy import floor, watchdog_events
from seccstack.experience import policy
from seccstack.outlet import Settings
from seccstack.pilot import settings as pilot_settings
from seccstack.pilot.settings import Current, Fallback, LinkLoss, Start
from seccstack.sdp import Tls
from seccstack.session.plant import INTERNET, AddedService, Charger, DcSupply, Protocol
from seccstack.slac import station
from seccstack.slac.validation import Validation


def settings_of(config: Config) -> Settings:
    """Translate the configuration file for the outlet's machine."""
    charger = config.charger
    outlet = Charger(
        evse_id=charger.evse_id,
        phases=charger.phases,
        nominal_volts=charger.voltage,
        contracts=config.access.contract,
        provides=bool(config.contract.provisioning),
        tariffs=bool(config.tariff.socket),
        receipt_seconds=config.contract.receipt_seconds or None,
        services=_services_of(config),
        supply=_supply_of(config) if charger.current == "dc" else None,
        discharge_amps=charger.discharge_amps,
        protocols=tuple(map(Protocol, charger.protocols)),
        iso20_in_plain=config.tls.profile == "lab",
    )
    dc = outlet.supply
    # what an outlet may draw per phase; on DC, its supply's power in amperes
    rated_amps = charger.rated_amps if dc is None else outlet.amps_for(dc.max_watts)
    return Settings(
        charger=outlet,
        rated_amps=rated_amps,
        safe_amps=charger.safe_amps,
        sources=sources_of(config),
        contract_amps=config.contract.amps,
        single_phase_amps=charger.single_phase_amps,
        access=_access_settings_of(config),
        enrolment=_enrolment_settings_of(config),
        contract=_contract_settings_of(config),
        pilot=_pilot_settings_of(config.pilot, Current(charger.current)),
        start=policy.Settings(
            policy=policy.Policy(config.start.policy),
            window=min(config.powerline.slac_init_seconds, policy.WINDOW),
            first=config.start.first_seconds,
        ),
        floor=floor.Settings(search=config.energy.below_6_amps),
        watchdog=watchdog_events.Settings(
            react_seconds=config.pilot.react_seconds,
            trip_share=config.pilot.trip_share,
            trip_seconds=config.pilot.trip_seconds,
        ),
        slac=_slac_settings_of(config.powerline),
        tls=Tls(config.tls.mode),
    )


def _enrolment_settings_of(config: Config) -> enrolling.Settings:
    given = config.enrolment
    return enrolling.Settings(
        setup_cards=tuple(map(parse_uid, given.setup_cards)),
        wait_seconds=given.wait_seconds,
        identify_seconds=given.identify_seconds,
        most=given.most,
        rotating=enrolling.RotatingVehicles(given.rotating),
        meaning=_meaning_of(_access_settings_of(config)),
    )


def _meaning_of(access: judgement.Settings) -> str:
    """Say what it is for a vehicle to be registered, if not that it is let in by itself."""
    if CLAIMS in access.asked:
        return ""
    if access.open:
        return "everybody may charge here, so a vehicle that is registered gains nothing by it"
    needs = " or ".join(name_of(way) for way in access.asked)
    return (
        f"a vehicle that is registered is not let in by itself here, where {needs} is wanted "
        "(access.policy); cards count"
    )


def _access_settings_of(config: Config) -> judgement.Settings:
    access = config.access
    usual = access.policy in [policy.value for policy in Policy]
    ways = () if usual else ways_of(access.policy)
    if ways and access.contract and "contract" not in access.policy:
        ways = ways_of(f"{access.policy} or contract")
    return judgement.Settings(
        policy=Policy(access.policy) if usual else Policy.CARD,
        ways=ways,
        card_wait_seconds=access.card_wait_seconds,
        downgrade_refused=config.tls.downgrade == "refuse",
        confidence=access.autocharge_confidence,
        below=judgement.Below(access.below),
        reduced_amps=access.reduced_amps,
        fingerprint=FingerprintUse(access.fingerprint),
        rotating=RotatingUse(access.rotating),
        vouch_seconds=access.vouch_days * judgement.DAY,
    )


def _contract_settings_of(config: Config) -> contract.Settings:
    if not config.access.contract:
        return contract.Settings()
    trust = contract.Trust(config.contract.trust)
    listed = tuple(config.contract.emaids)
    return contract.Settings(trust=trust, listed=listed, registry=True)


def _services_of(config: Config) -> tuple[AddedService, ...]:
    own = tuple(
        AddedService(
            id=service.id,
            name=service.name,
            scope=service.scope,
            free=service.free,
            parameter_sets=tuple(
                (number, tuple(values.items())) for number, values in enumerate(service.sets, 1)
            ),
        )
        for service in config.services.own
    )
    return (INTERNET, *own) if config.services.internet else own


def _supply_of(config: Config) -> DcSupply:
    given = config.supply
    return DcSupply(
        max_volts=given.max_volts,
        max_amps=given.max_amps,
        max_watts=given.max_watts,
        min_volts=given.min_volts,
        min_amps=given.min_amps,
        discharge_amps=given.discharge_amps,
        discharge_watts=given.discharge_watts,
    )


def _pilot_settings_of(pilot: Pilot, current: Current) -> pilot_settings.Settings:
    return pilot_settings.Settings(
        current=current,
        start=Start(pilot.start),
        start_authorised=Start(pilot.start_authorised),
        when_authorised=Start(pilot.when_authorised),
        speak_seconds=pilot.speak_seconds,
        fallback=Fallback(pilot.fallback),
        link_loss=LinkLoss(pilot.link_loss),
        retries=pilot.retries,
        wakes=pilot.wakes,
        step_ef=pilot.step_ef_seconds,
        step_x1=pilot.step_x1_seconds,
        ventilated=pilot.ventilation,
    )


def _slac_settings_of(powerline: Powerline) -> station.Settings:
    correction = powerline.attenuation_correction_db
    return station.Settings(
        correction_db=correction if isinstance(correction, int) else tuple(correction),
        init_seconds=powerline.slac_init_seconds,
        validation=Validation(powerline.validation),
    )
