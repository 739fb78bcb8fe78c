"""The management messages of SLAC, in the order an EV and a charger exchange them, and those
by which a host gives its own modem a key and asks what networks it sees.
"""

from dataclasses import field
from typing import Annotated

from seccstack.homeplug.fields import (
    U8,
    U16,
    Always,
    Attenuations,
    GroupCount,
    Listed,
    MacAddress,
    Mme,
    NetworkId,
    NetworkKey,
    Nonce,
    Octets,
    Random,
    Record,
    RunId,
    StationId,
    mme,
    record,
)

BROADCAST = b"\xff" * 6
NO_STATION = bytes(17)
NO_NONCE = bytes(4)
CARRIERS = 917  # of a full amplitude map


@mme(0x6064, "CM_SLAC_PARM.REQ")
class SlacParmReq(Mme):
    """CM_SLAC_PARM.REQ: an EV asks, by broadcast, which chargers can hear it."""

    application_type: U8 = 0
    security_type: U8 = 0
    run_id: RunId


@mme(0x6065, "CM_SLAC_PARM.CNF")
class SlacParmCnf(Mme):
    """CM_SLAC_PARM.CNF: a charger answers, and says how it wants to be sounded."""

    sound_target: MacAddress = BROADCAST
    num_sounds: U8 = 10
    timeout: U8 = 6  # in units of 100 ms
    response_type: U8 = 1  # send the results to another station: the EV
    forwarding_station: MacAddress
    application_type: U8 = 0
    security_type: U8 = 0
    run_id: RunId


@mme(0x606A, "CM_START_ATTEN_CHAR.IND")
class StartAttenCharInd(Mme):
    """CM_START_ATTEN_CHAR.IND: the EV announces, three times, that sounding begins."""

    application_type: U8 = 0
    security_type: U8 = 0
    num_sounds: U8 = 10
    timeout: U8 = 6
    response_type: U8 = 1
    forwarding_station: MacAddress
    run_id: RunId


@mme(0x6076, "CM_MNBC_SOUND.IND")
class MnbcSoundInd(Mme):
    """CM_MNBC_SOUND.IND: one sound, whose attenuation the charger's modem measures."""

    application_type: U8 = 0
    security_type: U8 = 0
    sender_id: StationId = NO_STATION
    remaining: U8
    run_id: RunId
    reserved: RunId = bytes(8)
    random: Random


@mme(0x6086, "CM_ATTEN_PROFILE.IND")
class AttenProfileInd(Mme):
    """CM_ATTEN_PROFILE.IND: our own modem reports what one sound had lost on its way."""

    ev_mac: MacAddress
    num_groups: GroupCount = 58
    reserved: U8 = 0
    attenuations: Attenuations


@mme(0x606E, "CM_ATTEN_CHAR.IND")
class AttenCharInd(Mme):
    """CM_ATTEN_CHAR.IND: the charger tells the EV the mean of what it heard."""

    application_type: U8 = 0
    security_type: U8 = 0
    source_address: MacAddress
    run_id: RunId
    source_id: StationId = NO_STATION
    response_id: StationId = NO_STATION
    num_sounds: U8
    num_groups: GroupCount = 58
    attenuations: Attenuations


@mme(0x606F, "CM_ATTEN_CHAR.RSP")
class AttenCharRsp(Mme):
    """CM_ATTEN_CHAR.RSP: the EV has the result."""

    application_type: U8 = 0
    security_type: U8 = 0
    source_address: MacAddress
    run_id: RunId
    source_id: StationId = NO_STATION
    response_id: StationId = NO_STATION
    result: U8 = 0


@mme(0x6078, "CM_VALIDATE.REQ")
class ValidateReq(Mme):
    """CM_VALIDATE.REQ: the EV wants to be recognised by toggling the pilot line.

    ``timer`` 0 opens it; n says that the toggles come within (n + 1) x 100 ms.
    """

    signal_type: U8 = 0
    timer: U8 = 0
    result: U8 = 1


@mme(0x6079, "CM_VALIDATE.CNF")
class ValidateCnf(Mme):
    """CM_VALIDATE.CNF: whether the charger will count toggles, or how many it counted.

    ``result``: 0 not ready, 1 ready, 2 success, 3 failure, 4 not required.
    """

    signal_type: U8 = 0
    toggles: U8 = 0
    result: U8


@mme(0x607C, "CM_SLAC_MATCH.REQ")
class SlacMatchReq(Mme):
    """CM_SLAC_MATCH.REQ: the EV has chosen us."""

    application_type: U8 = 0
    security_type: U8 = 0
    length: U16 = 62
    ev_id: StationId = NO_STATION
    ev_mac: MacAddress
    evse_id: StationId = NO_STATION
    evse_mac: MacAddress
    run_id: RunId
    reserved: RunId = bytes(8)


@mme(0x607D, "CM_SLAC_MATCH.CNF")
class SlacMatchCnf(Mme):
    """CM_SLAC_MATCH.CNF: here is the key of our network, in clear."""

    application_type: U8 = 0
    security_type: U8 = 0
    length: U16 = 86
    ev_id: StationId = NO_STATION
    ev_mac: MacAddress
    evse_id: StationId = NO_STATION
    evse_mac: MacAddress
    run_id: RunId
    reserved: RunId = bytes(8)
    network_id: NetworkId
    reserved_octet: U8 = 0
    network_key: NetworkKey = field(repr=False)


@mme(0x6008, "CM_SET_KEY.REQ")
class SetKeyReq(Mme):
    """CM_SET_KEY.REQ: a host gives its own modem a network key."""

    key_type: U8 = 1  # NMK
    my_nonce: Nonce = NO_NONCE
    your_nonce: Nonce = NO_NONCE
    protocol: U8 = 4  # "HLE protocol"
    protocol_run: U16 = 0
    protocol_message: U8 = 0
    cco_capability: U8 = 0
    network_id: NetworkId
    key_select: U8 = 1  # NMK
    network_key: NetworkKey = field(repr=False)


@mme(0x6009, "CM_SET_KEY.CNF")
class SetKeyCnf(Mme):
    """CM_SET_KEY.CNF: the modem answers; its source address is the modem's own.

    ``result``: 1 is success on every modem seen in the field, though Green PHY's text says 0.
    ``your_nonce`` returns the request's ``my_nonce``.
    """

    result: U8
    my_nonce: Nonce = NO_NONCE
    your_nonce: Nonce
    protocol: U8 = 4
    protocol_run: U16 = 0
    protocol_message: U8 = 0xFF
    cco_capability: U8 = 0


@record()
class Network(Record):
    """One network as CM_NW_INFO.CNF lists it; ``role``: 0 station, 1 proxy, 2 coordinator."""

    network_id: NetworkId
    short_network_id: U8 = 0
    terminal: U8 = 0
    role: U8 = 0
    coordinator_mac: MacAddress
    access: U8 = 0
    neighbours: U8 = 0


@mme(0x6038, "CM_NW_INFO.REQ")
class NwInfoReq(Mme):
    """CM_NW_INFO.REQ: which networks are you in?"""


@mme(0x6039, "CM_NW_INFO.CNF")
class NwInfoCnf(Mme):
    """CM_NW_INFO.CNF: the best proof that a key is not only accepted but active."""

    networks: Annotated[tuple[Network, ...], Listed(Network)] = ()


@mme(0x601C, "CM_AMP_MAP.REQ")
class AmpMapReq(Mme):
    """CM_AMP_MAP.REQ: send more quietly; four bits for each carrier, two carriers an octet."""

    carriers: Annotated[int, Always(CARRIERS, size=2)] = CARRIERS
    reductions: Annotated[bytes, Octets((CARRIERS + 1) // 2)]


@mme(0x601D, "CM_AMP_MAP.CNF")
class AmpMapCnf(Mme):
    """CM_AMP_MAP.CNF: 0 done, 1 failed."""

    result: U8 = 0
