"""What the bench measures of a large registry has happened."""

import asyncio

from seccstack.adapters.registry import open_registry
from seccstack.auth.audit import AuditKind
from seccstack.auth.decision import VehicleRecord
from seccstack.bench.registry import _mac, _visits, figures


def test_a_vehicle_is_let_in_each_time_it_is_measured():
    [figure] = figures(50, 10)
    assert figure.name == "SessionSetupReq to decision, 50 vehicles registered"
    assert figure.median > 0


def test_what_is_measured_is_seen_and_kept_in_the_trail(tmp_path):
    path = tmp_path / "registry.sqlite"
    registry = open_registry(path)
    registry.add_vehicle(VehicleRecord(mac=_mac(0)))
    asyncio.run(_visits(path, 1, 3))
    assert registry.vehicle(_mac(0)).times_seen == 3
    assert [entry.kind for entry in registry.audit()] == [AuditKind.GRANTED] * 3
    registry.close()
