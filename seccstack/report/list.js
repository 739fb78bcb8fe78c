"use strict";

// The sequence: of however many rows only those in sight are in the document.

const ROW = 24;
const GAP = 1 * MICRO; // a silence from here on gets a row of its own
const BEYOND = 8; // rows kept above and below what is in sight

class Sequence {
  constructor(choose, scrolled) {
    this.choose = choose;
    this.scrolled = scrolled;
    this.list = byId("list");
    this.shown = new Map();
    this.pending = false;
    this.list.addEventListener("scroll", () => this.later());
    new ResizeObserver(() => this.later()).observe(this.list);
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => {
      const row = event.target.closest("[data-row]");
      if (row) this.choose(Number(row.dataset.row), true);
    });
    fill(byId("head"),
      el("span"), el("span", { class: "time" }, "time (s)"), el("span", { class: "since" }, "after"),
      LANES.map((name) => el("span", { class: "lane" }, el("b", {}, name.split("/")[0], el("span", { class: "more" }, name.slice(name.split("/")[0].length))),
        el("i", {}, el("span", {}, "EV"), el("span", {}, "EVSE")))),
      el("span", { class: "said" }, "message"), el("span", { class: "number" }, "packet"));
  }

  // `kept` are the numbers of the rows to show.
  show(session, kept) {
    this.rows = session.rows;
    this.evidence = new Set(session.failure?.evidence ?? []);
    this.kept = kept;
    this.entries = [];
    const heights = [];
    kept.forEach((row, place) => {
      const silence = place ? this.rows.t[row] - this.rows.t[kept[place - 1]] : 0;
      if (silence >= GAP) {
        this.entries.push({ row, silence });
        heights.push(22 + Math.min(40, 6 * Math.log2(silence / GAP + 1)));
      }
      this.entries.push({ row, before: place ? kept[place - 1] : null });
      heights.push(ROW);
    });
    this.tops = new Float64Array(heights.length + 1);
    heights.forEach((height, i) => { this.tops[i + 1] = this.tops[i] + height; });
    this.places = new Map(this.entries.map((entry, i) => [entry.row, i]));
    byId("space").style.height = `${this.tops[heights.length]}px`;
    byId("nothing")?.remove();
    if (!kept.length) byId("space").append(el("p", { id: "nothing" }, "Nothing in the session is like that."));
    this.clear();
    this.draw();
  }

  clear() {
    this.shown.clear();
    byId("rows").replaceChildren();
  }

  later() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.draw();
      this.scrolled();
    });
  }

  at(y) {
    let low = 0;
    let high = this.entries.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tops[middle] <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  draw() {
    if (!this.entries) return;
    const top = this.list.scrollTop;
    const from = Math.max(0, this.at(top) - BEYOND);
    const to = Math.min(this.entries.length, this.at(top + this.list.clientHeight) + 1 + BEYOND);
    for (const [place, node] of this.shown) {
      if (place < from || place >= to) {
        node.remove();
        this.shown.delete(place);
      }
    }
    const fresh = document.createDocumentFragment();
    for (let place = from; place < to; place += 1) {
      if (this.shown.has(place)) continue;
      const node = this.make(this.entries[place], place);
      node.style.top = `${this.tops[place]}px`;
      node.style.height = `${this.tops[place + 1] - this.tops[place]}px`;
      this.shown.set(place, node);
      fresh.append(node);
    }
    byId("rows").append(fresh);
  }

  make(entry) {
    const lanes = [0, 1, 2, 3].map(() => el("span", { class: "lane" }));
    if (entry.silence) {
      return el("div", { class: "row gap", role: "presentation" }, el("span"), el("span"), el("span"),
        lanes, el("span", { class: "said" }, `${lapse(entry.silence)} of silence`), el("span"));
    }
    const { rows } = this;
    const { row } = entry;
    const level = rows.level[row];
    const lane = rows.lane[row];
    const sender = rows.from[row];
    const name = sheet.names[rows.what[row]];
    const note = sheet.names[rows.note[row]];
    if (lane !== NOTE) lanes[lane].append(el("span", { class: `arrow ${["ev", "evse", "unknown"][sender]}` }));
    const since = entry.before === null ? "" : lapse(Math.max(0, rows.t[row] - rows.t[entry.before]));
    const where = lane === NOTE ? "" : `, ${LANES[lane]}`;
    return el("div", {
      class: `row ${LEVELS[level]}${row === this.chosen ? " chosen" : ""}`,
      role: "option", id: `row-${row}`, "data-row": row, "aria-selected": row === this.chosen,
      "aria-label": `${["", "trouble: ", "failure: "][level]}${name} ${note}${where}, from ${SENDERS[sender] || "unknown"}, at ${seconds(rows.t[row])} s`,
      "aria-setsize": this.kept.length,
    },
      this.signOf(level, rows.n[row]),
      el("span", { class: "time" }, seconds(rows.t[row])),
      el("span", { class: "since" }, since),
      lanes,
      el("span", { class: "said", title: `${name}  ${note}` }, el("b", {}, name), peer(note)),
      el("span", { class: "number" }, String(rows.n[row])));
  }

  signOf(level, number) {
    if (level === FINE && this.evidence.has(number)) return el("span", { class: "mark evidence", title: "evidence of the verdict" }, "◆");
    return el("span", { class: "mark", title: ["", "odd", "failed"][level] }, MARKS[level]);
  }

  // Mark a row as the chosen one and bring it into sight.
  mark(row, scroll) {
    const before = this.shown.get(this.places.get(this.chosen));
    if (before) {
      before.classList.remove("chosen");
      before.setAttribute("aria-selected", "false");
    }
    this.chosen = row;
    const place = this.places.get(row);
    if (place === undefined) return;
    if (scroll) {
      const [top, bottom] = [this.tops[place], this.tops[place + 1]];
      const height = this.list.clientHeight;
      if (top < this.list.scrollTop + ROW || bottom > this.list.scrollTop + height - ROW) {
        this.list.scrollTop = Math.max(0, top - height / 2);
      }
      this.draw();
    }
    const node = this.shown.get(place);
    if (node) {
      node.classList.add("chosen");
      node.setAttribute("aria-selected", "true");
    }
    this.list.setAttribute("aria-activedescendant", `row-${row}`);
  }

  // The times between which the rows in sight lie.
  span() {
    if (!this.kept?.length) return [0, 0];
    const first = this.entries[this.at(this.list.scrollTop)].row;
    const last = this.entries[this.at(this.list.scrollTop + this.list.clientHeight)].row;
    return [this.rows.t[first], this.rows.t[last]];
  }

  nearest(time) {
    let best = null;
    for (const row of this.kept) {
      if (best === null || Math.abs(this.rows.t[row] - time) < Math.abs(this.rows.t[best] - time)) best = row;
    }
    return best;
  }

  step(by) {
    if (!this.kept.length) return;
    const place = this.kept.indexOf(this.chosen);
    const next = place < 0 ? 0 : Math.min(this.kept.length - 1, Math.max(0, place + by));
    this.choose(this.kept[next], true);
  }

  troubled(row) {
    return this.rows.level[row] !== FINE || this.evidence.has(this.rows.n[row]);
  }

  trouble(by) {
    const place = this.kept.indexOf(this.chosen);
    for (let i = (place < 0 && by < 0 ? this.kept.length : place) + by; i >= 0 && i < this.kept.length; i += by) {
      if (this.troubled(this.kept[i])) {
        this.choose(this.kept[i], true);
        return;
      }
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.list.clientHeight / ROW) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) {
      event.preventDefault();
      this.step(steps[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      byId("tree")?.focus();
    }
  }
}
