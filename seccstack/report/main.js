"use strict";

// Findings, the choice of a session, and what is kept in the address: #s=2&m=412&e=7 is message
// 412 (its packet) of the second session, and its element 7.

const view = { number: 0, lanes: new Set([0, 1, 2, 3, NOTE]), onlyTrouble: false, filter: "", row: null, element: null };
let sequence;
let plots;
let message;

function session() {
  return sheet.sessions[view.number];
}

// Findings.

function nameOf(one) {
  const source = sheet.captures[one.capture].source.split("/").pop();
  const vehicle = one.identity.slac_mac || one.identity.evccid || one.identity.ethernet_mac || "unknown vehicle";
  return `${source}, ${utc(one.started)}, ${vehicle}`;
}

function packetLink(packet) {
  const row = session().rows.n.indexOf(packet);
  return row < 0 ? `packet ${packet}` : rowLink(row);
}

function facts(pairs) {
  return el("dl", { class: "facts" }, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => [el("dt", {}, name), el("dd", {}, value instanceof Node || Array.isArray(value) ? value : peer(String(value)))]));
}

function card(title, kind, ...children) {
  return el("section", { class: `card ${kind}`.trim() }, title ? el("h3", {}, title) : null, children);
}

const WHOSE = { ev: "the vehicle", evse: "the charger", line: "the powerline", capture: "the recording", unclear: "unclear whose" };
const PROTOCOLS = { din: "DIN SPEC 70121", iso2: "ISO 15118-2", iso20: "ISO 15118-20" };

function kindOf(one) {
  if (one.failure) return one.failure.whose === "capture" ? "odd" : "failed";
  return one.failed || one.errors.length ? "odd" : "fine";
}

function verdict(one) {
  const { failure } = one;
  const kind = kindOf(one);
  const times = one.rows.t;
  const about = [one.protocol ? PROTOCOLS[one.protocol] : "no V2G protocol", one.tls === null ? "" : one.tls ? "TLS" : "no TLS",
    utc(one.started), times.length ? `${seconds(times.reduce((most, t) => Math.max(most, t), 0), 1)} s long` : "",
    `${one.rows.lane.filter((lane) => lane === 3).length} V2G messages`, one.failed ? `${one.failed} failed` : "",
    one.errors.length ? `${one.errors.length} odd or unreadable` : ""];
  return card("", `wide verdict ${kind}`,
    el("div", { class: "big" }, `${{ fine: "✔", odd: "▲", failed: "✖" }[kind]} `, peer(failure ? failure.why : one.ended)),
    failure ? el("div", {}, "Cause: ", el("b", {}, WHOSE[failure.whose] ?? peer(failure.whose)),
      failure.evidence.length ? [", by ", failure.evidence.map((packet, i) => [i ? ", " : "", packetLink(packet)])] : null,
      ". It ended so: ", peer(one.ended), ".") : null,
    el("div", { class: "soft" }, about.filter(Boolean).join(" · ")));
}

const MOST = 300; // troubles in the findings; the sequence has all of them

function troubles(one) {
  const { rows } = one;
  const found = [];
  rows.level.forEach((level, row) => { if (level !== FINE) found.push(row); });
  if (!found.length) return null;
  found.sort((a, b) => rows.level[b] - rows.level[a] || a - b);
  const more = found.length > MOST ? el("li", { class: "soft" }, `and ${found.length - MOST} more, in the sequence`) : null;
  return card(`Trouble (${found.length})`, "", el("div", { class: "scroll", tabindex: 0 }, el("ul", {}, found.slice(0, MOST).map((row) => {
    const said = [sheet.names[rows.note[row]], ...(rows.why[row] ?? [])].filter(Boolean);
    const who = said.length ? ": " : `, by the ${SENDERS[rows.from[row]] || "other side"}`;
    const name = rows.lane[row] === NOTE ? "" : sheet.names[rows.what[row]] + who;
    return el("li", {}, el("span", { class: `tag ${LEVELS[rows.level[row]]}` }, MARKS[rows.level[row]]), " ", rowLink(row), " ",
      name, peer(said.join("; ")));
  }), more)));
}

function rowLink(row) {
  return el("button", { type: "button", class: "link", onclick: () => { choose(row, true); byId("work").scrollIntoView(); } },
    `packet ${session().rows.n[row]}`);
}

function identity(one) {
  const { identity: who } = one;
  const tag = { true: ["fine", "✔ agrees"], false: ["failed", "✖ disagrees"], null: ["none", "too little said"] }[String(who.consistent)];
  return card("Who the vehicle says it is", "",
    el("div", {}, el("span", { class: `tag ${tag[0]}` }, tag[1])),
    facts(Object.entries(one.identity_names).map(([claim, name]) => [name, who[claim] === "" ? "(empty)" : who[claim]])),
    one.disagreements.map((text) => el("div", {}, peer(text))),
    one.identity_notes.map((text) => el("div", { class: "soft" }, peer(text))),
    el("details", {}, el("summary", {}, `Evidence (${who.evidence.length})`), el("ul", {}, who.evidence.map((said) => el("li", {},
      el("span", { class: "mono" }, `${seconds((said.at - one.started) * MICRO)} s `), `${one.identity_names[said.claim] ?? "IPv6 address"} `,
      peer(said.value, "mono"), ` in ${said.source}`)))));
}

function matching(one) {
  const { slac } = one;
  if (!slac) return null;
  return card("Matching (SLAC)", "", el("div", {}, el("span", { class: `tag ${slac.matched ? "fine" : "failed"}` }, slac.matched ? "✔ matched" : "✖ not matched")), facts([
    ["charger", slac.evse_mac], ["network", slac.nid], ["run", slac.run_id], ["requests", slac.parm_req],
    ["sounds", slac.sounds], ["attenuation", slac.attenuation_db === null ? null : `${slac.attenuation_db} dB`],
    ["took", slac.seconds === null ? null : `${slac.seconds.toFixed(3)} s`],
    ["attempts", slac.attempts?.length > 1 ? slac.attempts.length : null]]),
  slac.answered_by?.length > 1 ? el("div", {}, "Answered by: ", slac.answered_by.map((one_) => el("div", { class: "mono" }, `${one_.evse_mac}${one_.attenuation_db === null ? "" : `, ${one_.attenuation_db} dB`}`))) : null,
  slac.crosstalk?.length ? el("div", {}, `Heard from other stations: ${slac.crosstalk.map((other) => other.vehicle_mac).join(", ")}`) : null);
}

function offered(one) {
  if (!one.offered) return null;
  const sorted = [...one.offered].sort((a, b) => a.Priority - b.Priority);
  return card("Offered protocols", "", el("ul", {}, sorted.map((offer) => el("li", {},
    el("span", { class: "tag none" }, `priority ${offer.Priority}`), " ", peer(offer.ProtocolNamespace, "mono"),
    el("span", { class: "soft" }, ` ${offer.VersionNumberMajor}.${offer.VersionNumberMinor}, schema ${offer.SchemaID} `),
    offer.SchemaID === one.taken ? el("span", { class: "tag fine" }, "✔ taken") : null))));
}

function files() {
  return sheet.captures.filter((one) => one.problem).map((one) => card("", "wide verdict failed",
    el("div", {}, "✖ ", peer(one.source), ": ", peer(one.problem))));
}

function findings() {
  const one = session();
  fill(byId("findings"), files(), one ? [verdict(one), troubles(one), identity(one), matching(one), offered(one), own(one)] : card("", "wide", "No vehicle in these captures."));
}

// What no wire shows: the recordings of our own charger have it.
function own(one) {
  const { decision, limits, rerun } = one;
  const cards = [];
  if (decision) {
    const granted = decision.granted === true;
    cards.push(card("Decision", "", el("div", {}, el("span", { class: `tag ${granted ? "fine" : "failed"}` },
      granted ? "✔ granted" : decision.granted === false ? "✖ denied" : "not decided"), decision.by ? ` by ${decision.by}` : ""),
    el("ul", {}, (decision.reasons ?? []).map((reason) => el("li", {}, peer(reason))))));
  }
  if (limits?.length) {
    const when = (time) => (time === null ? "never" : `${seconds((time - one.started) * MICRO, 1)} s`);
    cards.push(card("Limits", "", el("div", { class: "scroll", tabindex: 0 }, el("ul", {}, limits.map((limit) => el("li", {},
      el("b", {}, `${limit.amps} A`), ` by ${limit.source}, set ${when(limit.t)}, told ${when(limit.told)}, obeyed ${when(limit.obeyed)}`))))));
  }
  if (rerun) cards.push(card("Run again", "", facts(Object.entries(rerun).map(([name, value]) => [name.replaceAll("_", " "), Array.isArray(value) ? String(value.length) : value]))));
  return cards;
}

// The sequence.

function kept() {
  const { rows, failure } = session();
  const evidence = new Set(failure?.evidence ?? []);
  const words = view.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [];
  for (let row = 0; row < rows.t.length; row += 1) {
    if (!view.lanes.has(rows.lane[row])) continue;
    if (view.onlyTrouble && rows.level[row] === FINE && !evidence.has(rows.n[row])) continue;
    if (words.length) {
      const text = `${sheet.names[rows.what[row]]} ${sheet.names[rows.note[row]]} ${rows.n[row]}`.toLowerCase();
      if (!words.every((word) => text.includes(word))) continue;
    }
    found.push(row);
  }
  return found;
}

function list() {
  sequence.show(session(), kept());
  const troubled = sequence.kept.filter((row) => sequence.troubled(row)).length;
  byId("troubles").textContent = troubled ? `${troubled} ▲✖◆` : "no trouble";
  byId("trouble-before").disabled = !troubled;
  byId("trouble-after").disabled = !troubled;
  if (view.row !== null) sequence.mark(view.row, true);
  plots.follow(sequence.span());
}

function choose(row, scroll, element = null) {
  view.row = row;
  view.element = element;
  if (!sequence.places.has(row)) {
    view.filter = "";
    view.onlyTrouble = false;
    view.lanes = new Set([0, 1, 2, 3, NOTE]);
    byId("filter").value = "";
    for (const box of byId("lanes").querySelectorAll("input")) box.checked = box.dataset.lane !== undefined;
    list();
  }
  sequence.mark(row, scroll);
  message.show(session(), row, element);
  plots.follow(sequence.span(), session().rows.t[row]);
  address();
}

// The address.

const REST = 250; // milliseconds between changes of the address: browsers allow 200 in 10 s
let changed = -REST;
let waiting = null;

function address() {
  if (waiting !== null) return;
  waiting = setTimeout(() => { waiting = null; write(); }, Math.max(0, changed + REST - performance.now()));
}

function write() {
  changed = performance.now();
  const parts = [];
  if (sheet.sessions.length > 1) parts.push(`s=${view.number + 1}`);
  if (view.row !== null) {
    const { n } = session().rows;
    const again = view.row - n.indexOf(n[view.row]);
    parts.push(`m=${n[view.row]}${again ? `.${again}` : ""}`);
    if (view.element !== null) parts.push(`e=${view.element}`);
  }
  history.replaceState(null, "", parts.length ? `#${parts.join("&")}` : "#");
}

function follow() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const number = Number(wanted.get("s") ?? 1) - 1;
  if (number !== view.number && sheet.sessions[number]) open(number);
  const place = /^(\d+)(?:\.(\d+))?$/.exec(wanted.get("m") ?? "");
  if (!place || !session()) return;
  const { n } = session().rows;
  const first = n.findIndex((packet) => packet >= Number(place[1])); // or what follows it
  const row = first < 0 ? n.length - 1 : n[first + Number(place[2] ?? 0)] === n[first] ? first + Number(place[2] ?? 0) : first;
  const element = /^\d+$/.test(wanted.get("e") ?? "") ? Number(wanted.get("e")) : null;
  if (row >= 0) {
    choose(row, true, element);
    byId("work").scrollIntoView();
  }
}

function open(number) {
  view.number = number;
  view.row = null;
  view.element = null;
  byId("session").value = String(number);
  document.title = plain(session() ? nameOf(session()) : "seccstack replay");
  findings();
  byId("work").hidden = !session();
  if (!session()) return;
  message.empty();
  byId("detail").classList.remove("open");
  byId("list").scrollTop = 0;
  plots.show(session());
  list();
}

function controls() {
  const chooser = byId("session");
  sheet.sessions.forEach((one, number) => {
    const kind = { fine: "✔ ", odd: "▲ ", failed: "✖ " }[kindOf(one)];
    chooser.append(el("option", { value: number }, `${kind}${number + 1}. ${nameOf(one)}`));
  });
  chooser.disabled = sheet.sessions.length < 2;
  chooser.addEventListener("change", () => { open(Number(chooser.value)); address(); });
  byId("made").textContent = plain(sheet.made_by);
  const checks = [...LANES, "notes"].map((name, lane) => el("label", {}, el("input", { type: "checkbox", checked: true, "data-lane": lane }), name));
  checks.push(el("label", {}, el("input", { type: "checkbox", id: "only-trouble" }), "only trouble"));
  fill(byId("lanes"), checks);
  byId("lanes").addEventListener("change", () => {
    view.lanes = new Set([...byId("lanes").querySelectorAll("[data-lane]:checked")].map((box) => Number(box.dataset.lane)));
    view.onlyTrouble = byId("only-trouble").checked;
    list();
  });
  byId("filter").addEventListener("input", () => { view.filter = byId("filter").value; list(); });
  byId("trouble-before").addEventListener("click", () => sequence.trouble(-1));
  byId("trouble-after").addEventListener("click", () => sequence.trouble(1));
  document.addEventListener("keydown", shortcut);
  window.addEventListener("hashchange", follow);
}

function shortcut(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !session()) return;
  if (event.target.closest("input, select, textarea")) {
    if (event.key === "Escape") byId("list").focus();
    return;
  }
  const does = {
    n: () => sequence.trouble(1), p: () => sequence.trouble(-1), "/": () => byId("filter").focus(),
    "+": () => plots.zoom(0.5), "=": () => plots.zoom(0.5), "-": () => plots.zoom(2), 0: () => plots.all(),
  };
  if (!(event.key in does)) return;
  event.preventDefault();
  does[event.key]();
}

async function main() {
  try {
    sheet = await unpack();
  } catch (error) {
    fill(byId("findings"), card("", "wide verdict failed", `This page can't be unpacked here: ${error.message}. It needs a browser of 2023 or newer.`));
    return;
  }
  controls();
  message = new Message((element) => { view.element = element; address(); }, () => byId("detail").classList.remove("open"));
  plots = new Plots((time) => choose(sequence.nearest(time), true));
  sequence = new Sequence(choose, () => plots.follow(sequence.span()));
  open(0);
  follow();
  document.documentElement.dataset.ready = "yes";
  performance.mark("ready");
}

main();
