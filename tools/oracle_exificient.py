"""Answer questions about EXI with EXIficient; runs in the peer's environment, not in ours.

    PEER/bin/python -m tools.oracle_exificient < QUESTIONS > ANSWERS

A question is a JSON object on a line: ``{"schema": NAME, "message": {...}}`` to encode, or
``{"schema": NAME, "exi": HEX}`` to decode; for a fragment ``fragment`` has its event code. Its
answer, on a line too, has the other of the two, or ``error``.

EXIficient comes with the Python package ``iso15118`` and needs Java. That package's own calls
reach no messages for wireless charging or automated connection devices, drop some elements and
invent others, and its grammars, made beforehand, take a list of sixteen to be endless. So
EXIficient is asked directly here, in XML, and makes its grammars of the schemas itself.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools import infoset_xml
from tools.generator.modules import MODULES
from tools.generator.xsd import Complex, ElementDeclaration, SchemaSet


class Oracle:
    """EXIficient, in a Java virtual machine of its own."""

    def __init__(self) -> None:
        archive = import_module("iso15118.shared.settings").JAR_FILE_PATH
        gateway = import_module("py4j.java_gateway").JavaGateway
        self._jvm = gateway.launch_gateway(classpath=archive, die_on_exit=True).jvm
        self._exi = self._jvm.com.siemens.ct.exi
        parsers = self._jvm.javax.xml.parsers.SAXParserFactory.newInstance()
        parsers.setNamespaceAware(True)
        self._parser = parsers.newSAXParser().getXMLReader()
        transformers = self._jvm.javax.xml.transform.TransformerFactory.newInstance()
        self._transformer = transformers.newTransformer()

    @cache  # noqa: B019 - there is one oracle
    def _grammars(self, schema: str) -> Any:
        factory = self._exi.grammars.GrammarFactory.newInstance()
        with TemporaryDirectory() as folder:
            return factory.createGrammars(str(mended_schemas(schema, Path(folder))))

    @cache  # noqa: B019
    def settings(self, schema: str, fragment: bool) -> Any:
        """What ISO 15118 and DIN SPEC 70121 fix: EXI's defaults, but no string tables."""
        settings = self._exi.core.helpers.DefaultEXIFactory.newInstance()
        settings.setGrammars(self._grammars(schema))
        settings.setFragment(fragment)
        settings.setValuePartitionCapacity(0)
        settings.setMaximumNumberOfBuiltInElementGrammars(0)
        settings.setMaximumNumberOfBuiltInProductions(0)
        return settings

    def encode(self, settings: Any, xml: str) -> bytes:
        """EXI of XML text."""
        octets = self._jvm.java.io.ByteArrayOutputStream()
        result = self._exi.main.api.sax.EXIResult(settings)
        result.setOutputStream(octets)
        self._parser.setContentHandler(result.getHandler())
        source = self._jvm.java.io.StringReader(xml)
        self._parser.parse(self._jvm.org.xml.sax.InputSource(source))
        return bytes(octets.toByteArray())

    def decode(self, settings: Any, exi: bytes) -> str:
        """XML text of EXI."""
        source = self._exi.main.api.sax.EXISource(settings)
        octets = self._jvm.java.io.ByteArrayInputStream(exi)
        source.setInputSource(self._jvm.org.xml.sax.InputSource(octets))
        text = self._jvm.java.io.StringWriter()
        result = self._jvm.javax.xml.transform.stream.StreamResult(text)
        self._transformer.transform(source, result)
        return str(text.toString())


def file_of(schema: str) -> Path:
    """The file of an XML schema, as the package ships it."""
    settings = Path(import_module("iso15118.shared.settings").__file__ or "")
    file = next(module.file for module in MODULES if module.schema == schema)
    return settings.parent / "schemas" / file


@cache
def schemas_of(schema: str) -> SchemaSet:
    """A schema, and those which it imports."""
    return SchemaSet(file_of(schema))


def mended_schemas(schema: str, folder: Path) -> Path:
    """A copy of a schema's file that Java can read: the schema of XML signatures lies beside
    those that import it, and names no DOCTYPE to fetch."""
    main = file_of(schema)
    for file in [*main.parent.glob("*.xsd"), file_of("xmldsig")]:
        text = re.sub(r"<!DOCTYPE.*?\]>", "", file.read_text("utf-8"), flags=re.DOTALL)
        text = re.sub(r'schemaLocation="[^"]*/', 'schemaLocation="', text)
        (folder / file.name).write_text(text, "utf-8")
    return folder / main.name


def fragment_of(schema: str, code: int, is_complex: bool) -> ElementDeclaration:
    """The element with that event code; of several types the one that holds such content."""
    every = schemas_of(schema).every_element
    name = sorted(every, key=lambda name: name[::-1])[code]
    fitting = [kind for kind in every[name] if isinstance(kind, Complex) == is_complex]
    return ElementDeclaration(name, (fitting or every[name])[-1])


def answer(oracle: Oracle, question: dict[str, Any]) -> dict[str, Any]:
    """The answer to one question."""
    schema, code = question["schema"], question.get("fragment")
    schemas = schemas_of(schema)
    settings = oracle.settings(schema, code is not None)

    def element(name: str, is_complex: bool) -> ElementDeclaration:
        if code is not None:
            return fragment_of(schema, code, is_complex)
        return schemas.element((schemas.main.target, name))

    if "exi" in question:
        xml = oracle.decode(settings, bytes.fromhex(question["exi"]))
        root = element(*infoset_xml.root_of(xml))
        return {"message": {root.name[1]: infoset_xml.from_xml(schemas, root, xml)}}
    ((name, content),) = question["message"].items()
    xml = infoset_xml.to_xml(schemas, element(name, isinstance(content, dict)), content)
    return {"exi": oracle.encode(settings, xml).hex()}


def main() -> int:
    """Answer every line of the standard input."""
    oracle = Oracle()
    for line in sys.stdin:
        try:
            answered = answer(oracle, json.loads(line))
        except Exception as error:  # the gateway to Java raises what it likes
            answered = {"error": f"{type(error).__name__}: {error}"[:2000]}
        sys.stdout.write(json.dumps(answered) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
