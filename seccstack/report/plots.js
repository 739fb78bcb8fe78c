"use strict";

// Plots over the same time as the sequence: lanes on top, then a canvas for each unit.

const GUTTER = 56; // pixels left of every plot, for its numbers
const STRIP = 74;
const HEIGHT = 104;
const BAND = 18; // of a plot whose values are words
const LIGHT = ["#0b5cad", "#8a3d8f", "#1a7f37", "#b3541e", "#00797a", "#a31545", "#5b5b00", "#4b4ba8"];
const DARK = ["#79b8ff", "#dd9be2", "#7bd196", "#ffb077", "#5fd3d3", "#ff8fb0", "#d6d36a", "#b3b3ff"];
const DASHES = { is: [], target: [7, 4], limit: [2, 3] };
const FAR = 1.5;
const LEAST = 0.005 * MICRO; // nobody zooms in further

class Plots {
  constructor(choose) {
    this.choose = choose;
    this.box = byId("canvases");
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.dark.addEventListener("change", () => this.show(this.session));
    this.cursor = null;
    this.pending = false;
    new ResizeObserver(() => this.later()).observe(this.box);
    byId("zoom-in").addEventListener("click", () => this.zoom(0.5));
    byId("zoom-out").addEventListener("click", () => this.zoom(2));
    byId("zoom-all").addEventListener("click", () => this.all());
    this.box.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: -0.2, ArrowRight: 0.2 };
      if (event.key in moves) {
        event.preventDefault();
        this.pan(moves[event.key]);
      }
    });
  }

  show(session) {
    if (!session) return;
    if (this.session !== session) {
      this.session = session;
      this.band = [0, 0];
      this.selected = null;
      const firsts = session.plots.flatMap((plot) => plot.lines.map((line) => line.t[0]));
      this.begin = [...session.rows.t, ...firsts].reduce((least, t) => Math.min(least, t), 0);
      this.end = session.rows.t.reduce((most, t) => Math.max(most, t), this.begin + LEAST);
      this.range = [this.begin, this.end];
      this.hidden = new Set();
    }
    const strip = el("canvas", { role: "img", "aria-label": "All messages over time, by lane" });
    this.strip = el("div", { class: "plot", id: "strip" }, strip);
    this.plots = session.plots.map((plot) => this.plot(plot));
    fill(this.box, this.strip, this.plots.map((plot) => plot.node));
    for (const node of [this.strip, ...this.plots.map((plot) => plot.node)]) this.listen(node.querySelector("canvas"));
    this.later();
  }

  plot(plot) {
    const colours = this.dark.matches ? DARK : LIGHT;
    const lines = plot.lines.map((line, i) => ({ ...line, colour: colours[i % colours.length], words: plot.words }));
    const canvas = el("canvas", { role: "img", "aria-label": `${plot.title} over time${plot.unit ? `, in ${plot.unit}` : ""}` });
    const keys = el("div", { class: "keys" }, el("b", {}, `${plot.title}${plot.unit ? ` (${plot.unit})` : ""}`));
    for (const line of lines) {
      const sample = document.createElementNS(SVG, "svg");
      const stroke = document.createElementNS(SVG, "line");
      for (const [name, value] of [["x1", 1], ["x2", 25], ["y1", 5], ["y2", 5], ["stroke", line.colour],
        ["stroke-width", line.role === "limit" ? 1.6 : 2.2], ["stroke-dasharray", DASHES[line.role].join(" ") || "none"]]) stroke.setAttribute(name, value);
      sample.setAttribute("viewBox", "0 0 26 10");
      sample.append(stroke);
      line.reading = el("b");
      const key = el("button", { type: "button", class: "key", "aria-pressed": !this.hidden.has(line.name), title: "Show or hide this line" },
        sample, el("span", {}, line.name), line.reading);
      key.addEventListener("click", () => {
        if (!this.hidden.delete(line.name)) this.hidden.add(line.name);
        key.setAttribute("aria-pressed", String(!this.hidden.has(line.name)));
        this.later();
      });
      keys.append(key);
    }
    return { ...plot, lines, canvas, node: el("div", { class: "plot" }, keys, canvas) };
  }

  listen(canvas) {
    let from = null;
    const x = (event) => event.clientX - canvas.getBoundingClientRect().left;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      from = x(event);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      this.cursor = this.time(x(event));
      this.drag = from === null || Math.abs(x(event) - from) < 4 ? null : [this.time(from), this.cursor].sort((a, b) => a - b);
      this.later();
    });
    canvas.addEventListener("pointerup", (event) => {
      if (from === null) return;
      const { drag } = this;
      from = null;
      this.drag = null;
      if (drag) this.look(...drag);
      else this.choose(this.time(x(event)));
    });
    canvas.addEventListener("pointercancel", () => { from = null; this.drag = null; });
    canvas.addEventListener("pointerleave", () => { this.cursor = null; this.later(); });
    canvas.addEventListener("dblclick", () => this.all());
    canvas.addEventListener("wheel", (event) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        this.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.time(x(event)));
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        this.pan((event.deltaX || event.deltaY) / 600);
      }
    }, { passive: false });
  }

  time(x) {
    const [from, to] = this.range;
    const part = (x - GUTTER) / Math.max(1, this.width - GUTTER - 10);
    return from + Math.min(1, Math.max(0, part)) * (to - from);
  }

  x(time) {
    const [from, to] = this.range;
    return GUTTER + ((time - from) / (to - from)) * (this.width - GUTTER - 10);
  }

  look(from, to) {
    const width = Math.min(this.end - this.begin, Math.max(LEAST, to - from));
    const start = Math.min(Math.max(this.begin, from), this.end - width);
    this.range = [start, start + width];
    this.later();
  }

  all() {
    this.look(this.begin, this.end);
  }

  zoom(by, around = this.selected ?? (this.range[0] + this.range[1]) / 2) {
    const [from, to] = this.range;
    const fixed = Math.min(to, Math.max(from, around));
    this.look(fixed - (fixed - from) * by, fixed + (to - fixed) * by);
  }

  pan(by) {
    const [from, to] = this.range;
    this.look(from + by * (to - from), to + by * (to - from));
  }

  // The sequence has moved, or a row was chosen.
  follow(band, selected) {
    this.band = band;
    if (selected !== undefined) {
      this.selected = selected;
      const [from, to] = this.range;
      if (selected !== null && (selected < from || selected > to)) {
        this.look(selected - (to - from) / 2, selected + (to - from) / 2);
      }
    }
    this.later();
  }

  later() {
    if (this.pending || !this.session) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.draw();
    });
  }

  draw() {
    this.width = this.box.clientWidth;
    if (!this.width) return;
    const style = getComputedStyle(document.documentElement);
    this.ink = (name) => style.getPropertyValue(`--${name}`).trim();
    this.drawStrip(this.canvas(this.strip.firstChild, STRIP));
    for (const plot of this.plots) {
      const words = plot.words?.length;
      const height = words ? 16 + BAND * plot.lines.length : HEIGHT;
      if (words) this.drawWords(plot, this.canvas(plot.canvas, height), height);
      else this.drawPlot(plot, this.canvas(plot.canvas, height), height);
      this.read(plot);
    }
  }

  canvas(canvas, height) {
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [Math.round(this.width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide;
      canvas.height = high;
      canvas.style.height = `${height}px`;
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, this.width, height);
    pen.font = "11px system-ui, sans-serif";
    pen.textBaseline = "middle";
    return pen;
  }

  ticks() {
    const [from, to] = this.range;
    const step = nice((to - from) / MICRO / Math.max(2, Math.floor((this.width - GUTTER) / 90)));
    const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    const found = [];
    for (let n = Math.ceil(from / MICRO / step - 1e-9); n * step <= to / MICRO + 1e-9; n += 1) {
      found.push([n * step * MICRO, `${(n * step).toFixed(digits)} s`]);
    }
    return found;
  }

  grid(pen, height, labels) {
    pen.strokeStyle = this.ink("fainter");
    pen.lineWidth = 1;
    pen.fillStyle = this.ink("soft");
    pen.textAlign = "center";
    for (const [time, label] of this.ticks()) {
      const x = Math.round(this.x(time)) + 0.5;
      stroke(pen, [[x, labels ? 16 : 0], [x, height]]);
      const half = pen.measureText(label).width / 2;
      if (labels && x + half < this.width) pen.fillText(label, Math.max(x, half), 8);
    }
    const [first, last] = this.band.map((time) => Math.min(this.width - 10, Math.max(GUTTER, this.x(time))));
    pen.globalAlpha = 0.5;
    pen.fillStyle = this.ink("accent-paper");
    if (last >= first) pen.fillRect(first, labels ? 16 : 0, Math.max(2, last - first), height);
    pen.globalAlpha = 1;
  }

  over(pen, height) {
    if (this.drag) {
      const [from, to] = this.drag.map((time) => this.x(time));
      pen.globalAlpha = 0.2;
      pen.fillStyle = this.ink("accent");
      pen.fillRect(from, 0, to - from, height);
      pen.globalAlpha = 1;
    }
    const inside = (time) => time !== null && time >= this.range[0] && time <= this.range[1];
    pen.lineWidth = 1.5;
    if (inside(this.selected)) {
      pen.strokeStyle = this.ink("accent");
      stroke(pen, [[this.x(this.selected), 0], [this.x(this.selected), height]]);
    }
    if (inside(this.cursor)) {
      pen.lineWidth = 1;
      pen.strokeStyle = this.ink("soft");
      pen.setLineDash([3, 3]);
      stroke(pen, [[this.x(this.cursor), 0], [this.x(this.cursor), height]]);
      pen.setLineDash([]);
    }
  }

  drawStrip(pen) {
    this.grid(pen, STRIP, true);
    const { t, n, lane, level, from } = this.session.rows;
    pen.textAlign = "right";
    LANES.forEach((name, i) => {
      pen.fillStyle = this.ink("soft");
      pen.fillText(name, GUTTER - 8, 25 + 13 * i);
      pen.strokeStyle = this.ink("faint");
      stroke(pen, [[GUTTER, Math.round(25 + 13 * i) + 0.5], [this.width - 10, Math.round(25 + 13 * i) + 0.5]]);
    });
    const colours = [this.ink("ev"), this.ink("evse"), this.ink("soft")];
    const drawn = new Set();
    for (let row = 0; row < t.length; row += 1) {
      if (t[row] < this.range[0] || t[row] > this.range[1] || lane[row] === NOTE) continue;
      const x = Math.round(this.x(t[row]));
      const key = (x * 4 + lane[row]) * 3 + from[row];
      if (drawn.has(key)) continue;
      drawn.add(key);
      const y = 25 + 13 * lane[row];
      pen.fillStyle = colours[from[row]];
      if (from[row] === 1) pen.fillRect(x - 0.5, y, 1, 5);
      else pen.fillRect(x - 0.5, y - 5, 1, 5);
    }
    const evidence = new Set(this.session.failure?.evidence ?? []);
    for (const [mark, ink, has] of [["◆", "bad", (row) => level[row] === FINE && evidence.has(n[row])],
      [MARKS[ODD], "odd", (row) => level[row] === ODD], [MARKS[FAILED], "bad", (row) => level[row] === FAILED]]) {
      pen.fillStyle = this.ink(ink);
      pen.textAlign = "center";
      let last = -Infinity;
      for (let row = 0; row < t.length; row += 1) {
        if (!has(row) || t[row] < this.range[0] || t[row] > this.range[1]) continue;
        const x = this.x(t[row]);
        if (x - last < 5) continue;
        last = x;
        pen.fillText(mark, x, lane[row] === NOTE ? 25 : 25 + 13 * lane[row]);
      }
    }
    this.over(pen, STRIP);
  }

  drawPlot(plot, pen, height) {
    const lines = plot.lines.filter((line) => !this.hidden.has(line.name));
    const [top, bottom] = [8, height - 8];
    let [low, high] = this.extremes(lines.filter((line) => line.role !== "limit"));
    const least = (high - low) * FAR; // limits far beyond what is and what is wanted would flatten it
    for (const line of lines) {
      const [lowest, highest] = this.extremes([line]);
      line.off = line.role === "limit" && least > 0 && (highest > high + least || lowest < low - least);
      if (line.off) continue;
      low = Math.min(low, lowest);
      high = Math.max(high, highest);
    }
    if (high === low) high = low + 1;
    const step = nice((high - low) / 3);
    [low, high] = [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
    const y = (value) => bottom - ((value - low) / (high - low)) * (bottom - top);
    this.grid(pen, height, false);
    pen.textAlign = "right";
    for (let n = Math.round(low / step); n * step <= high + step / 2; n += 1) {
      const at = Math.round(y(n * step)) + 0.5;
      pen.strokeStyle = n ? this.ink("fainter") : this.ink("faint");
      stroke(pen, [[GUTTER, at], [this.width - 10, at]]);
      pen.fillStyle = this.ink("soft");
      pen.fillText(short(n * step), GUTTER - 6, at);
    }
    pen.save();
    pen.beginPath();
    pen.rect(GUTTER, 0, this.width - GUTTER - 10, height);
    pen.clip();
    for (const line of lines) {
      pen.strokeStyle = line.colour;
      pen.fillStyle = line.colour;
      pen.lineWidth = line.role === "limit" ? 1.5 : 2;
      pen.setLineDash(DASHES[line.role]);
      const points = [];
      line.t.forEach((time, i) => {
        if (i) points.push([this.x(time), y(line.v[i - 1])]);
        points.push([this.x(time), y(line.v[i])]);
      });
      if (line.role === "limit") points.push([this.x(this.end), points[points.length - 1][1]]);
      stroke(pen, points);
      pen.setLineDash([]);
      if (line.t.length < 3) line.t.forEach((time, i) => pen.fillRect(this.x(time) - 2, y(line.v[i]) - 2, 4, 4));
    }
    pen.restore();
    this.over(pen, height);
  }

  // Words over time, such as the pilot's states: a band for each line.
  drawWords(plot, pen, height) {
    this.grid(pen, height, false);
    plot.lines.forEach((line, row) => {
      const y = 6 + BAND * row;
      pen.save();
      pen.beginPath();
      pen.rect(GUTTER, 0, this.width - GUTTER - 10, height);
      pen.clip();
      line.t.forEach((time, i) => {
        const [from, to] = [this.x(time), this.x(line.t[i + 1] ?? this.end)];
        pen.strokeStyle = line.colour;
        pen.strokeRect(from + 0.5, y + 0.5, Math.max(1, to - from), BAND - 4);
        const word = plot.words[line.v[i]];
        pen.fillStyle = this.ink("ink");
        pen.textAlign = "left";
        const left = Math.max(from, GUTTER) + 4;
        if (pen.measureText(word).width < to - left) pen.fillText(plain(word), left, y + BAND / 2 - 1);
      });
      pen.restore();
    });
    this.over(pen, height);
  }

  extremes(lines) {
    let [low, high] = [0, 0];
    for (const line of lines) {
      for (const value of this.inSight(line)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    return [low, high];
  }

  inSight(line) {
    const [from, to] = this.range;
    const first = Math.max(0, after(line.t, from) - 1);
    return line.v.slice(first, Math.max(first + 1, after(line.t, to)));
  }

  // What each line says at the cursor, or else at the chosen message.
  read(plot) {
    const time = this.cursor ?? this.selected;
    for (const line of plot.lines) {
      const place = time === null ? 0 : after(line.t, time);
      const value = place ? line.v[place - 1] : null;
      const told = value === null ? "" : plot.words?.length ? plain(plot.words[value]) : `${Number(value.toPrecision(6))} ${plot.unit}${line.off ? " (off the scale)" : ""}`;
      if (line.reading.textContent !== told) line.reading.textContent = told;
    }
  }
}
