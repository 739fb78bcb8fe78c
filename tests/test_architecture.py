"""Who may import whom. The stack is layers; a layer knows only those below it."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "seccstack"
IO = {
    "asyncio", "concurrent", "ctypes", "datetime", "http", "io", "logging",
    "multiprocessing", "os", "pathlib", "random", "scapy", "secrets", "select", "selectors",
    "signal", "socket", "sqlalchemy", "sqlite3", "ssl", "structlog", "subprocess",
    "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip

FOUNDATION = {"errors", "machine"}
WORDS = FOUNDATION | {"homeplug", "v2gtp", "exi", "messages", "tls"}
MACHINES = WORDS | {"slac", "sdp", "session", "pilot", "auth", "energy", "indication"}
MACHINES |= {"experience"}
PARTS = {  # of the whole
    "admission", "discovery", "front", "heeding", "learning", "lifecycle", "outlet", "parts",
    "limiting", "plugin", "searching", "watching",
}  # fmt: skip
WHOLE = MACHINES | PARTS | {"chargepoint", "chronicle", "events", "timeline"}
MAY_IMPORT = {
    "errors": set(),
    "machine": set(),
    "config": {"auth", "config_errors", "config_front", "errors"}
    | {"config_energy", "config_meter", "config_pilot", "config_start", "config_tls"},
    "config_energy": {"errors"},
    "config_front": {"errors"},
    "config_meter": {"errors"},
    "config_pilot": {"errors"},
    "config_tls": {"errors"},
    "config_errors": {"errors"},
    "config_start": {"errors"},
    "homeplug": FOUNDATION,
    "v2gtp": FOUNDATION,
    "exi": FOUNDATION,
    "messages": FOUNDATION | {"exi"},
    "tls": FOUNDATION,
    "slac": FOUNDATION | {"homeplug"},
    "sdp": FOUNDATION | {"v2gtp"},
    "session": WORDS | {"auth"},
    "pilot": FOUNDATION,
    "auth": WORDS,
    "experience": {"auth", "errors"},
    "energy": FOUNDATION,
    "indication": FOUNDATION,
    "front": MACHINES,
    "events": MACHINES,
    "outlet": MACHINES,
    "admission": MACHINES | {"events"},
    "discovery": MACHINES | {"events"},
    "plugin": MACHINES | {"events"},
    "parts": MACHINES
    | PARTS - {"heeding", "learning", "lifecycle", "limiting", "searching", "watching"}
    | {"events"},
    "lifecycle": MACHINES | PARTS | {"events"},
    "heeding": MACHINES | PARTS - {"lifecycle"} | {"events", "timeline"},
    "learning": MACHINES | PARTS - {"lifecycle"} | {"events"},
    "limiting": MACHINES | PARTS - {"lifecycle"} | {"events"},
    "searching": MACHINES | PARTS - {"heeding", "lifecycle"} | {"events"},
    "watching": MACHINES | PARTS - {"lifecycle"} | {"events"},
    "chargepoint": MACHINES | PARTS | {"events"},
    "chronicle": WHOLE | {"capture", "timeline"},
    "scapy": MACHINES | {"capture"},
    "drive": WHOLE | {"capture", "sim"},
    "timeline": MACHINES | {"events"},
    "recording": WHOLE | {"capture", "__version__"},
    "sim": WHOLE,
    "capture": MACHINES,
    "report": MACHINES | {"capture"},
    "doctor": MACHINES,
    "explain": WHOLE | {"capture", "recording"},
    "attack": WHOLE | {"sim"},
    "adapters": WHOLE
    | {"attack", "config", "config_energy", "config_front", "config_meter", "config_pilot"}
    | {"config_tls"}
    | {"doctor"}
    | {"explain", "recording", "sim"},
    "bench": None,
    "cli": None,
}
PURE = set(MAY_IMPORT) - {"adapters", "bench", "cli", "scapy"}
OPENS_FILES = {"capture/reader.py"}  # the one file of a pure layer that may


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module)
            if node.module == "seccstack":
                found |= {f"seccstack.{alias.name}" for alias in node.names}
    return found


def layer_of(path: Path) -> str:
    name = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "cli" if name.startswith(("cli", "__main__")) else name


MODULES = [
    p for p in sorted(PACKAGE.rglob("*.py")) if p.parent != PACKAGE or p.stem != "__init__"
]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_the_layers_below_its_own(path):
    layer, names = layer_of(path), imports(path)
    ours = {name.split(".")[1] for name in names if name.startswith("seccstack.")}
    if MAY_IMPORT[layer] is not None:
        assert ours - {layer} <= MAY_IMPORT[layer]
    if layer in PURE and str(path.relative_to(PACKAGE)) not in OPENS_FILES:
        assert not IO & {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_is_imported_for_the_type_checker_alone(path):
    assert "TYPE_CHECKING" not in path.read_text()
