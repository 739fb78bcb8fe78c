"""The configuration of how vehicles are greeted."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class Start(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a vehicle is asked to speak before it goes by pulse width."""

    # "auto": as was learned of those who come here (`seccstack vehicles experience`), and for
    # the whole time as long as nothing lets it charge; "fixed": as powerline.slac_init_seconds
    # and [pilot] have it, whoever comes. What [pilot] has as "nominal" is so in either case
    policy: Literal["auto", "fixed"] = "auto"
    # "auto": how long one that may charge is asked, where nobody is known
    first_seconds: Annotated[float, Meta(ge=1, le=50)] = 10.0
