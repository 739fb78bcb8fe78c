"use strict";

// What a vehicle or a file said is only ever written as text, by these functions.

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
const SVG = "http://www.w3.org/2000/svg";

function el(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, plain(String(value)));
    }
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child instanceof Node) node.append(child);
    else if (child !== null && child !== undefined && child !== "") said(node, String(child));
  }
}

// Characters that can't be seen, or that turn the text around them, are shown by their number.
function said(node, text) {
  let at = 0;
  for (const found of text.matchAll(HIDDEN)) {
    if (found.index > at) node.append(text.slice(at, found.index));
    const control = document.createElement("span");
    control.className = "control";
    control.textContent = numbered(found[0]);
    node.append(control);
    at = found.index + found[0].length;
  }
  if (at < text.length) node.append(text.slice(at));
}

function numbered(character) {
  return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function plain(text) {
  return text.replace(HIDDEN, numbered);
}

// A peer's words, kept apart from the direction of the text around them.
function peer(text, kind = "") {
  return el("span", { class: `peer ${kind}`.trim() }, text);
}

function byId(id) {
  return document.getElementById(id);
}

function fill(node, ...children) {
  node.replaceChildren();
  add(node, children);
}

async function copy(text, button) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = "copied";
  setTimeout(() => { button.textContent = label; }, 1200);
}
