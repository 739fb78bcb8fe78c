"use strict";

// One message: its tree, its octets, and which bits belong to which element.

const LONGEST = 120; // characters of a value in the tree; JSON has all of them
const LINE = 36; // pixels of a line of octets

class Message {
  constructor(changed, closed) {
    this.changed = changed;
    this.panel = byId("detail");
    this.closed = closed;
    this.empty();
  }

  empty() {
    this.parts = [];
    fill(this.panel, el("div", { class: "empty" },
      el("p", {}, "Choose a message: its elements and its bits are shown here."),
      el("p", {}, el("kbd", {}, "↑"), " ", el("kbd", {}, "↓"), " choose, ", el("kbd", {}, "Enter"),
        " goes to the tree, ", el("kbd", {}, "n"), " ", el("kbd", {}, "p"), " next and previous trouble, ",
        el("kbd", {}, "+"), " ", el("kbd", {}, "-"), " ", el("kbd", {}, "0"), " zoom, ", el("kbd", {}, "/"), " filter")));
  }

  show(session, row, element) {
    const { rows } = session;
    const content = rows.content[row] < 0 ? null : sheet.contents[rows.content[row]];
    this.parts = content ? partsOf(content) : [];
    this.octets = content ? octetsOf(content) : new Uint8Array(0);
    this.broken = content && content.length > 3 ? content[3] : null;
    this.folded = new Set();
    this.chosen = element !== null && element < this.parts.length ? element : null;
    this.hovered = null;
    const name = sheet.names[rows.what[row]];
    const note = sheet.names[rows.note[row]];
    const level = rows.level[row];
    const who = SENDERS[rows.from[row]];
    const lane = rows.lane[row] === NOTE ? "" : `${LANES[rows.lane[row]]}, `;
    const why = rows.why[row] || [];
    const close = el("button", { type: "button", id: "close", onclick: () => this.closed() }, "Close");
    fill(this.panel,
      el("div", { class: "bar" },
        el("h2", {}, level ? el("span", { class: `tag ${LEVELS[level]}` }, `${MARKS[level]} ${["", "odd", "failed"][level]}`) : null, level ? " " : null, name),
        el("div", { class: "buttons" }, this.copies(), close)),
      el("div", { class: `about ${LEVELS[level]}` },
        el("div", {}, `${lane}${who ? `from the ${who}, ` : ""}packet ${rows.n[row]}, ${seconds(rows.t[row])} s`,
          this.octets.length ? `, ${this.octets.length} octets` : null,
          el("span", { class: "soft" }, `  ${utc(session.started + rows.t[row] / MICRO)}`)),
        note ? el("div", {}, peer(note)) : null,
        why.map((one) => el("div", { class: "why" }, peer(one)))));
    if (this.parts.length) this.panel.append(this.tree());
    if (this.octets.length) {
      this.panel.append(this.hex());
      this.draw();
    }
    if (this.chosen !== null) this.reveal(this.chosen);
    this.explain();
    this.light();
    this.panel.classList.add("open");
  }

  copies() {
    const buttons = [];
    if (this.parts.length) {
      const button = el("button", { type: "button", title: "The message as JSON" }, "JSON");
      button.addEventListener("click", () => copy(`{${JSON.stringify(this.parts[0].name)}: ${jsonOf(this.parts[0])}}`, button));
      buttons.push(button);
    }
    if (this.octets.length && !this.parts.some((part) => part.flags & SECRET)) {
      const button = el("button", { type: "button", title: "The octets in hexadecimal" }, "Hex");
      button.addEventListener("click", () => copy([...this.octets].map(hexadecimal).join(""), button));
      buttons.push(button);
    }
    return buttons;
  }

  // The tree.

  tree() {
    const tree = el("div", { id: "tree", class: this.octets.length ? "" : "words", role: "tree", tabindex: 0, "aria-label": "Elements" });
    const seen = new Map();
    this.nodes = this.parts.map((part) => {
      let name = part.name;
      if (part.flags & MANY) {
        const among = `${part.depth}/${name}/${this.parents(part)[0]?.index}`;
        seen.set(among, (seen.get(among) ?? -1) + 1);
        name = `${name}[${seen.get(among)}]`;
      }
      const node = el("div", {
        class: `node${part.flags & BROKEN ? " broken" : ""}`, role: "treeitem", id: `part-${part.index}`,
        "data-part": part.index, "aria-level": part.depth + 1, "aria-expanded": part.inside.length ? "true" : null,
      },
        el("span", { class: "fold", "aria-hidden": "true" }, part.inside.length ? "▾" : ""),
        el("span", { class: "key-name" }, name),
        this.valueOf(part),
        part.end > part.first ? el("span", { class: "bits" }, this.bitsOf(part)) : null);
      node.style.paddingLeft = `${6 + 14 * part.depth}px`;
      tree.append(node);
      return node;
    });
    tree.addEventListener("mouseover", (event) => this.hover(event.target.closest("[data-part]")?.dataset.part));
    tree.addEventListener("mouseleave", () => this.hover(undefined));
    tree.addEventListener("click", (event) => {
      const node = event.target.closest("[data-part]");
      if (!node) return;
      const index = Number(node.dataset.part);
      if (event.target.closest(".fold")) this.fold(index, !this.folded.has(index));
      else this.choose(index);
    });
    tree.addEventListener("keydown", (event) => this.key(event));
    this.treeNode = tree;
    return tree;
  }

  parents(part) {
    const above = [];
    let depth = part.depth;
    for (let i = part.index - 1; i >= 0 && depth; i -= 1) {
      if (this.parts[i].depth < depth) {
        depth = this.parts[i].depth;
        above.push(this.parts[i]);
      }
    }
    return above;
  }

  valueOf(part) {
    if (!part.form) {
      const amount = amountOf(part);
      return amount ? el("span", { class: "value number" }, "= ", peer(amount)) : null;
    }
    const kind = part.flags & SECRET ? "secret" : part.form[0];
    const whole = String(part.value);
    const text = whole.length > LONGEST ? `${whole.slice(0, LONGEST)}… (${whole.length} characters)` : whole;
    const quoted = kind === "text" ? `"${text}"` : whole === "" ? "(empty)" : text;
    const date = dateOf(part);
    return [": ", el("span", { class: `value ${kind}` }, peer(quoted)), date ? el("span", { class: "soft" }, ` ${date}`) : null];
  }

  bitsOf(part) {
    const whole = !(part.first % 8) && !(part.end % 8);
    if (whole) return part.end - part.first === 8 ? `octet ${part.first / 8}` : `octets ${part.first / 8}–${part.end / 8 - 1}`;
    return `${part.first}–${part.end - 1}`;
  }

  fold(index, folded) {
    const part = this.parts[index];
    if (!part.inside.length) return;
    if (folded) this.folded.add(index);
    else this.folded.delete(index);
    const node = this.nodes[index];
    node.setAttribute("aria-expanded", String(!folded));
    node.firstChild.textContent = folded ? "▸" : "▾";
    let hiddenBelow = Infinity;
    for (const other of this.parts) {
      if (other.depth <= hiddenBelow) hiddenBelow = Infinity;
      this.nodes[other.index].hidden = hiddenBelow < Infinity;
      if (hiddenBelow === Infinity && this.folded.has(other.index)) hiddenBelow = other.depth;
    }
  }

  reveal(index) {
    for (const above of this.parents(this.parts[index])) this.fold(above.index, false);
    this.nodes[index].scrollIntoView({ block: "nearest" });
  }

  choose(index) {
    this.chosen = index;
    this.treeNode.setAttribute("aria-activedescendant", `part-${index}`);
    this.reveal(index);
    this.light();
    this.explain();
    this.paint();
    if (this.octets.length && this.parts[index].end > this.parts[index].first) {
      const top = Math.floor(this.parts[index].first / 8 / this.across) * LINE;
      const box = this.box;
      if (top < box.scrollTop || top + LINE > box.scrollTop + box.clientHeight) {
        box.scrollTop = top - LINE;
        this.draw();
      }
    }
    this.changed(index);
  }

  key(event) {
    const visible = this.parts.filter((part) => !this.nodes[part.index].hidden);
    const at = visible.findIndex((part) => part.index === this.chosen);
    const part = at < 0 ? null : visible[at];
    const steps = {
      ArrowDown: () => this.choose(visible[Math.min(visible.length - 1, at + 1)].index),
      ArrowUp: () => this.choose(visible[Math.max(0, at - 1)].index),
      Home: () => this.choose(0),
      End: () => this.choose(visible[visible.length - 1].index),
      ArrowRight: () => part && (this.folded.has(part.index) ? this.fold(part.index, false)
        : part.inside.length && this.choose(part.inside[0].index)),
      ArrowLeft: () => part && (part.inside.length && !this.folded.has(part.index)
        ? this.fold(part.index, true) : part.depth && this.choose(this.parents(part)[0].index)),
      Escape: () => { this.closed(); byId("list").focus(); },
    };
    if (!(event.key in steps)) return;
    event.preventDefault();
    steps[event.key]();
  }

  hover(index) {
    const hovered = index === undefined ? null : Number(index);
    if (hovered === this.hovered) return;
    this.hovered = hovered;
    this.light();
    this.explain();
    this.paint();
  }

  get lit() {
    return this.hovered ?? this.chosen;
  }

  light() {
    if (!this.nodes) return;
    for (const node of this.treeNode?.querySelectorAll(".lit, .chosen") ?? []) node.classList.remove("lit", "chosen");
    if (this.hovered !== null) this.nodes[this.hovered].classList.add("lit");
    if (this.chosen !== null && this.parts.length) this.nodes[this.chosen].classList.add("chosen");
  }

  // The octets.

  hex() {
    this.box = el("div", { id: "hex", tabindex: 0, "aria-label": "Octets and their bits" });
    this.space = el("div");
    this.space.style.position = "relative";
    this.box.append(this.space);
    this.explained = el("div", { id: "explained" });
    this.box.addEventListener("scroll", () => requestAnimationFrame(() => this.draw()));
    this.box.addEventListener("mouseover", (event) => this.hover(this.under(event)));
    this.box.addEventListener("mouseleave", () => this.hover(undefined));
    this.box.addEventListener("click", (event) => {
      const index = this.under(event);
      if (index !== undefined) this.choose(index);
    });
    const width = Math.min(window.innerWidth, this.panel.clientWidth || window.innerWidth);
    const [offset, cell] = window.innerWidth <= 640 ? [34, 44] : [44, 49];
    this.across = Math.max(4, Math.min(16, 2 ** Math.floor(Math.log2((width - 24 - offset) / cell))));
    if (this.across === 4 && width - 24 - offset >= 6 * cell) this.across = 6;
    this.edges = new Set(this.parts.map((part) => part.first));
    this.secrets = this.parts.filter((part) => part.flags & SECRET);
    return el("div", { id: "octets" },
      el("div", { class: "bar" }, el("h3", {}, "Octets and bits"),
        el("span", { class: "soft" }, el("span", { class: "swatch code" }), "event codes and what is inside",
          el("span", { class: "swatch val" }), "value")),
      this.explained, this.box);
  }

  // The innermost element that the bit under the pointer belongs to.
  under(event) {
    const bit = event.target.closest("[data-bit]");
    const octet = event.target.closest("[data-octet]");
    if (!octet) return undefined;
    const at = bit ? Number(bit.dataset.bit) : Number(octet.dataset.octet) * 8;
    let found;
    for (const part of this.parts) if (part.first <= at && at < part.end) found = part.index;
    return found;
  }

  // Make the lines in sight; what they are marked with is painted onto them.
  draw() {
    if (!this.octets.length) return;
    const count = Math.ceil(this.octets.length / this.across);
    const from = Math.max(0, Math.floor(this.box.scrollTop / LINE) - 2);
    const to = Math.min(count, from + Math.ceil((this.box.clientHeight || 400) / LINE) + 5);
    this.space.style.height = `${count * LINE}px`;
    const lines = [];
    for (let line = from; line < to; line += 1) {
      const node = el("div", { class: "line" }, el("span", { class: "offset" }, (line * this.across).toString(16).toUpperCase().padStart(4, "0")));
      node.style.top = `${line * LINE}px`;
      for (let at = line * this.across; at < Math.min(this.octets.length, (line + 1) * this.across); at += 1) {
        node.append(this.octet(at));
      }
      lines.push(node);
    }
    this.space.replaceChildren(...lines);
    this.paint();
  }

  octet(at) {
    const secret = this.secrets.some((one) => one.first <= at * 8 && at * 8 < one.end);
    const bits = el("i");
    for (let bit = at * 8; bit < at * 8 + 8; bit += 1) {
      const node = el("u", { "data-bit": bit }, secret ? "·" : String((this.octets[at] >> (7 - (bit % 8))) & 1));
      if (this.edges.has(bit)) node.classList.add("edge");
      bits.append(node);
    }
    return el("div", { class: `octet${secret ? " secret" : ""}`, "data-octet": at },
      el("b", {}, secret ? "··" : hexadecimal(this.octets[at])), bits);
  }

  paint() {
    if (!this.octets.length) return;
    const part = this.lit === null ? null : this.parts[this.lit];
    for (const node of this.space.querySelectorAll("u")) {
      const bit = Number(node.dataset.bit);
      const inside = part !== null && part.first <= bit && bit < part.end;
      const value = inside && part.valueFirst <= bit && bit < part.valueEnd;
      node.classList.toggle("code", inside && !value);
      node.classList.toggle("val", value);
    }
    for (const node of this.space.querySelectorAll(".octet")) {
      node.classList.toggle("touched", node.querySelector(".code, .val") !== null);
    }
  }

  explain() {
    if (!this.octets.length || !this.explained) return;
    const part = this.lit === null ? null : this.parts[this.lit];
    if (!part) {
      const broken = this.broken === null ? "" : ` It breaks off at bit ${this.broken}.`;
      fill(this.explained, `Point at an element or at a bit; click to keep it.${broken}`);
      return;
    }
    const path = [...this.parents(part).reverse(), part].map((one) => one.name).join("/");
    const value = part.form && part.valueEnd > part.valueFirst
      ? ` Its value, ${bits(part.valueFirst, part.valueEnd)}: ${part.form[1]}.` : "";
    fill(this.explained, el("b", {}, path), `: ${bits(part.first, part.end)}.`, value);
  }
}

function bits(first, end) {
  if (end === first) return "no bits";
  return end - first === 1 ? `bit ${first}` : `bits ${first} to ${end - 1} (${end - first})`;
}

function hexadecimal(octet) {
  return octet.toString(16).toUpperCase().padStart(2, "0");
}
