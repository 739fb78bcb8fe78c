"use strict";

// What the page holds, unpacked; and of it the session that is shown.

const LANES = ["SLAC", "SDP", "TCP/TLS", "V2G"];
const NOTE = 4;
const FINE = 0;
const ODD = 1;
const FAILED = 2;
const MARKS = ["", "▲", "✖"];
const LEVELS = ["fine", "odd", "failed"];
const SENDERS = ["vehicle", "charger", ""];
const MANY = 1;
const BROKEN = 2;
const ATTRIBUTED = 4;
const SECRET = 8;
const FIELDS = 8;
const MICRO = 1e6;

let sheet = null;

async function unpack() {
  const packed = atob(byId("data").textContent);
  const octets = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i += 1) octets[i] = packed.charCodeAt(i);
  const stream = new Blob([octets]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).json();
}

// The tree of a message: its parts, each with its value and the parts inside of it.
function partsOf(content) {
  const layout = sheet.layouts[content[0]];
  const parts = [];
  const above = [];
  let next = 0;
  for (let i = 0; i < layout.length; i += FIELDS) {
    const [depth, name, first, end, form, valueFirst, valueEnd, flags] = layout.slice(i, i + FIELDS);
    const part = { index: parts.length, depth, name: sheet.names[name], first, end, valueFirst,
      valueEnd, flags, form: form < 0 ? null : sheet.forms[form], value: null, inside: [] };
    if (part.form) {
      part.value = content[2][next];
      next += 1;
    }
    above.length = depth;
    if (depth) above[depth - 1].inside.push(part);
    above.push(part);
    parts.push(part);
  }
  return parts;
}

function octetsOf(content) {
  return Uint8Array.from(atob(content[1]), (character) => character.charCodeAt(0));
}

// The JSON that `seccstack encode` takes.
function jsonOf(part, indent = "") {
  const value = () => (part.form[0] === "number" || part.form[0] === "boolean"
    ? String(part.value) : JSON.stringify(part.value));
  if (part.form && !(part.flags & ATTRIBUTED)) return value();
  const names = new Map();
  for (const inner of part.inside) {
    if (!names.has(inner.name)) names.set(inner.name, []);
    names.get(inner.name).push(inner);
  }
  const deeper = `${indent}  `;
  const lines = [];
  for (const [name, inner] of names) {
    const many = inner[0].flags & MANY;
    const texts = inner.map((one) => jsonOf(one, many ? `${deeper}  ` : deeper));
    const text = many ? `[\n${deeper}  ${texts.join(`,\n${deeper}  `)}\n${deeper}]` : texts[0];
    lines.push(`${deeper}${JSON.stringify(name)}: ${text}`);
  }
  if (part.form) lines.push(`${deeper}"value": ${value()}`);
  return lines.length ? `{\n${lines.join(",\n")}\n${indent}}` : "{}";
}

// A number and the power of ten beside it, as people say it.
function amountOf(part) {
  const of = (name) => part.inside.find((inner) => inner.name === name);
  const value = of("Value");
  const scale = of("Multiplier") || of("Exponent");
  if (!value || !scale || value.value === null) return "";
  const amount = Number((value.value * 10 ** scale.value).toPrecision(12));
  const unit = of("Unit");
  return `${amount}${unit ? ` ${unit.value}` : ""}`;
}

const DATES = new Set(["DateTimeNow", "EVSETimeStamp", "TMeter", "TimeStamp", "TimeAnchor"]);

function dateOf(part) {
  if (!DATES.has(part.name) || typeof part.value !== "number" || part.value < 1e9) return "";
  return utc(part.value);
}

function utc(seconds) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? "" : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function seconds(micro, digits = 3) {
  return (micro / MICRO).toFixed(digits);
}

function lapse(micro) {
  const s = micro / MICRO;
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 100) return `${s.toFixed(s < 10 ? 2 : 1)} s`;
  if (s < 6000) return `${(s / 60).toFixed(1)} min`;
  return `${(s / 3600).toFixed(1)} h`;
}
