"""The EXI codec for users of the Python package ``iso15118``: its messages without a JVM.

The package takes any codec, for its SECC and its EVCC alike; this one is made for its release
0.31.2. Give it ours where EXIficient was::

    from seccstack.messages.for_iso15118 import SeccstackEXICodec

    SECCHandler(exi_codec=SeccstackEXICodec(), evse_controller=..., config=...)

It decodes to the JSON of ``ExificientEXICodec``, to the letter, and encodes to the same bits,
but for these:

- Nothing is invented: ``SchemaID``, ``SAScheduleTupleID``, ``EPriceLevel``, ``NumEPriceLevels``
  are absent where they were not sent. EXIficient reads and sends 0, which breaks a digest that
  another codec has made.
- Nothing is dropped: where the package has other names than the schema, both are understood;
  a ``SignedInfo`` is encoded as it stands.
- What its schema forbids is refused. EXIficient sends it, mostly so that no other codec reads
  it; among it are some of the package's FAILED responses, which lack what they must have.
- An empty string or binary is sent as one of length 0, which other codecs can read.
- ``KeyInfo``, ``Object``, WPT, ACDP and any element as a fragment work as well; what comes once
  is no array (``KeyValue``, ``HMACOutputLength``).
"""

from __future__ import annotations

import json
from typing import Any

import seccstack
from seccstack.errors import UsageError
from seccstack.messages import codec, infoset
from seccstack.messages.codec import Schema

try:
    from iso15118.shared.iexi_codec import IEXICodec  # type: ignore[import-not-found]
except ImportError:

    class IEXICodec:  # type: ignore[no-redef]
        """Stands for the package's interface where the package is not installed."""


SCHEMAS = {
    "urn:iso:15118:2:2010:AppProtocol": Schema.APP_PROTOCOL,
    "urn:din:70121:2012:MsgDef": Schema.DIN,
    "urn:iso:15118:2:2013:MsgDef": Schema.ISO2,
    "urn:iso:std:iso:15118:-20:CommonMessages": Schema.ISO20_COMMON,
    "urn:iso:std:iso:15118:-20:AC": Schema.ISO20_AC,
    "urn:iso:std:iso:15118:-20:DC": Schema.ISO20_DC,
    "urn:iso:std:iso:15118:-20:ACDP": Schema.ISO20_ACDP,
    "urn:iso:std:iso:15118:-20:WPT": Schema.ISO20_WPT,
    "http://www.w3.org/2000/09/xmldsig#": Schema.XMLDSIG,
}
RENAMED = {  # what the package calls it: what the -20 schemas call it
    "BPTDischargedEnergyReadingWh": "BPT_DischargedEnergyReadingWh",
    "BPTInductiveEnergyReadingVARh": "BPT_InductiveEnergyReadingVARh",
}


class SeccstackEXICodec(IEXICodec):  # type: ignore[misc]  # the package's, or nothing at all
    """A codec for the package ``iso15118``.

    Its errors are SeccErrors that name the element and, when decoding, the bit. The package
    makes an EXIEncodingError or an EXIDecodingError of any exception, and keeps the text.
    """

    def encode(self, message: str, namespace: str) -> bytes:
        """Encode a message or, as the package signs them, an element on its own."""
        schema = _schema_of(namespace)
        value = _parse(message)
        documents = codec.tables_of(schema).documents.values()
        if isinstance(value, dict) and value.keys() <= {root.name for root in documents}:
            return codec.encode(schema, infoset.from_json(schema, value))
        name, element = infoset.fragment_from_json(schema, value)
        return codec.encode_fragment(schema, element, name)

    def decode(self, stream: bytes, namespace: str) -> str:
        """Decode a message or, in the namespace of XML signatures, an element on its own."""
        schema = _schema_of(namespace)
        if schema is Schema.XMLDSIG:
            fragment = codec.decode_fragment(schema, bytes(stream))
            return _text(infoset.fragment_to_json(schema, fragment.element, fragment.value))
        return _text(infoset.to_json(schema, codec.decode(schema, bytes(stream)).message))

    def get_version(self) -> str:
        """Return what the package logs when it is given the codec."""
        return f"seccstack {seccstack.__version__}"


def _schema_of(namespace: str) -> Schema:
    if namespace not in SCHEMAS:
        raise UsageError(f"no schema has the namespace {namespace}")
    return SCHEMAS[namespace]


def _parse(message: str) -> Any:
    try:
        return json.loads(message, object_hook=_as_the_schema_has_it)
    except (ValueError, LookupError, TypeError) as error:
        raise UsageError(f"the message can't be read as JSON: {error}") from error


def _as_the_schema_has_it(made: dict[str, Any]) -> dict[str, Any]:
    """An object with the schema's names, where those of the package's models are others."""
    if isinstance(providers := made.get("SupportedProviders"), list):
        names = [provider["ProviderID"] for provider in providers]
        made["SupportedProviders"] = {"ProviderID": names}
    if RENAMED.keys().isdisjoint(made):
        return made
    return {RENAMED.get(name, name): value for name, value in made.items()}


def _text(value: infoset.Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
