"""Generate the V2G message classes and their codecs from the XML schemas.

    python -m tools.generate_messages SCHEMAS_DIR OUT_DIR

SCHEMAS_DIR holds ``V2G_CI_AppProtocol.xsd``, ``xmldsig-core-schema.xsd`` and the folders
``iso15118_2``, ``din_spec`` and ``iso15118_20``, as the Python package ``iso15118`` ships them
in ``iso15118/shared/schemas``. OUT_DIR is ``seccstack/messages``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.generator.classes import write_classes
from tools.generator.functions import write_functions
from tools.generator.model import Builder
from tools.generator.modules import MODULES
from tools.generator.tables import write_tables


def generate(schemas: Path) -> dict[str, str]:
    """The source of every generated file, by its path below the output folder."""
    sources: dict[str, str] = {}
    for module in MODULES:
        model = Builder(module, schemas).build()
        sources[f"{module.name}.py"] = write_classes(model)
        sources[f"generated/{module.name}_tables.py"] = write_tables(model)
        sources[f"generated/{module.name}_codec.py"] = write_functions(model)
    return sources


def main(arguments: list[str]) -> int:
    """Write the files; 2 if the arguments are wrong."""
    if len(arguments) != 2:
        sys.stderr.write(__doc__ or "")
        return 2
    schemas, out = map(Path, arguments)
    for name, source in generate(schemas).items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
