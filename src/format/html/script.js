"use strict";
// Without this script every ranking and summary shows as it was written. With it tables can be sorted and
// filtered, pictures are drawn from their tables, and parts from the page's data when they are opened.
const root = document.documentElement, words = root.dataset, lang = root.lang;
const lower = (text) => text.toLocaleLowerCase(lang);
// Browsers do not know every alphabet: letters are compared by their places in the language's own.
const collator = new Intl.Collator("en", { numeric: true });
const place = (letter) => (words.letters.includes(letter) ? String.fromCharCode(0xe000 + words.letters.indexOf(letter)) : letter);
const placed = (text) => [...lower(text)].map(place).join("");
const order = { compare: (a, b) => collator.compare(placed(a), placed(b)) };
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

// Fields to search in, and buttons.
const search = (before, act) => {
  const input = element("input", { type: "search" });
  before.before(element("label", { class: "tool" }, words.filter + " ", input));
  input.addEventListener("input", () => act(lower(input.value)));
};
const button = (text, act) => {
  const made = element("button", { type: "button" }, text);
  made.addEventListener("click", act);
  return made;
};

const figure = (cell) => (cell.dataset.v === undefined ? null : Number(cell.dataset.v));

// A table is sorted by its headers, numbers as numbers and blanks last, and filtered when it is long.
function enhance(box) {
  const body = box.querySelector("tbody"), rows = [...body.rows];
  if (rows.length < 4) return;
  all("thead th", box).forEach((head, at) => {
    const key = (row) => figure(row.cells[at]) ?? row.cells[at].textContent;
    const sort = () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const compare = (a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x === "" || y === "") return (x === "") - (y === "");
        const by = typeof x === "number" && typeof y === "number" ? x - y : order.compare(x, y);
        return up ? by : -by;
      };
      body.append(...[...body.rows].sort(compare));
    };
    head.replaceChildren(button(head.textContent, sort));
  });
  if (rows.length >= 12)
    search(box, (wanted) => rows.forEach((row) => (row.hidden = !lower(row.textContent).includes(wanted))));
}

// Pictures. A figure says in `data-chart` which table it draws, and which of its columns.
const WIDTH = 720, LABELS = 250, DETAILED = 60;
const svg = (tag, attributes, text) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
};
const short = (text, length) => (text.length > length ? text.slice(0, length - 1) + "…" : text);
const shown = (number) => String(Math.round(number * 1000) / 1000).replace(".", words.decimal);

function draw(holder, within) {
  const of = JSON.parse(holder.dataset.chart), name = `table[data-name="${of.of}"]`;
  const table = within.querySelector(name) ?? document.querySelector(name);
  const rows = table ? [...table.tBodies[0].rows] : [];
  const picture = of.after === undefined ? bars(of, rows) : heat(of, rows, table);
  if (!picture) return holder.remove();
  const texts = rows.slice(0, 20).map((row) => [...row.cells].map((cell) => cell.textContent).join(" "));
  const more = rows.length > 20 ? "; …" : "";
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", `${holder.textContent}: ${texts.join("; ")}${more}`.slice(0, 2000));
  holder.append(picture);
}

// Many rows are drawn as thin lines, and only some of them are named.
const heights = (count) => (count <= DETAILED ? 22 : Math.max(2, Math.floor(900 / count)));
const canvas = (height) => svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height });

function ticks(low, high) {
  const step = [1, 2, 2.5, 5, 10].map((part) => part * 10 ** Math.floor(Math.log10((high - low) / 4 || 1)));
  const size = step.find((size) => (high - low) / size <= 5) ?? step[4];
  const list = [];
  for (let at = Math.ceil(low / size) * size; at <= high + size / 1e6; at += size) list.push(at);
  return list;
}

function bars(of, rows) {
  const value = (row, at) => (at === null ? null : figure(row.cells[at]));
  const items = rows
    .map((row) => ({
      label: row.cells[of.label].textContent,
      from: of.from === null ? 0 : value(row, of.from),
      to: value(row, of.to),
      mark: value(row, of.mark),
      text: row.cells[of.to].textContent,
    }))
    .filter((item) => item.to !== null && item.from !== null);
  if (!items.length) return null;
  const values = items.flatMap((item) => [item.from, item.to, item.mark ?? item.to]);
  const low = Math.min(0, ...values), high = of.most ?? Math.max(...values, low + 1e-9);
  const detailed = items.length <= DETAILED, height = heights(items.length), top = 20;
  const left = detailed ? LABELS : 50, right = WIDTH - 60;
  const x = (value) => left + ((value - low) / (high - low)) * (right - left);
  const bottom = top + items.length * height, picture = canvas(bottom + 4);
  for (const at of ticks(low, high)) {
    picture.append(svg("path", { class: "grid", d: `M${x(at)} ${top - 4}V${bottom}` }));
    picture.append(svg("text", { x: x(at), y: 12, "text-anchor": "middle" }, shown(at)));
  }
  const named = Math.ceil(items.length / 12);
  items.forEach((item, row) => {
    const y = top + row * height, thick = detailed ? 14 : Math.max(1, height - 1);
    const [begin, end] = [x(item.from), x(item.to)].sort((a, b) => a - b);
    const bar = svg("rect", { x: begin, y: y + (height - thick) / 2, width: item.to === item.from ? 0 : Math.max(1.5, end - begin), height: thick });
    bar.append(svg("title", {}, `${item.label}: ${item.text}`));
    picture.append(bar);
    if (item.mark !== null) picture.append(svg("path", { class: "mark", d: `M${x(item.mark)} ${y + 1}v${height - 2}` }));
    if (detailed) {
      picture.append(svg("text", { x: 0, y: y + 15 }, short(item.label, 36)));
      const after = Math.max(end, item.mark === null ? 0 : x(item.mark));
      picture.append(svg("text", { x: after + 5, y: y + 15 }, item.text));
    } else if (row % named === 0) picture.append(svg("text", { x: 0, y: y + 8 }, `${row + 1}.`));
  });
  return picture;
}

function heat(of, rows, table) {
  const columns = [...table.tHead.rows[0].cells].map((head) => head.textContent).slice(of.after + 1);
  if (!rows.length || !columns.length) return null;
  const detailed = rows.length <= DETAILED, height = heights(rows.length), top = 20;
  const left = detailed ? LABELS : 50, wide = (WIDTH - left) / columns.length;
  const picture = canvas(top + rows.length * height + 4);
  columns.forEach((name, at) =>
    picture.append(svg("text", { x: left + (at + 0.5) * wide, y: 13, "text-anchor": "middle" }, short(name, 10))));
  const named = Math.ceil(rows.length / 12);
  rows.forEach((row, down) => {
    const y = top + down * height, label = row.cells[of.label].textContent;
    if (detailed) picture.append(svg("text", { x: 0, y: y + 15 }, short(label, 36)));
    else if (down % named === 0) picture.append(svg("text", { x: 0, y: y + 8 }, `${down + 1}.`));
    columns.forEach((name, at) => {
      const cell = row.cells[of.after + 1 + at], value = figure(cell);
      const gap = detailed ? 1 : 0, x = left + at * wide;
      if (value === null) {
        picture.append(svg("path", { class: "grid", d: `M${x + 2} ${y + height / 2}h${wide - 4}` }));
        return;
      }
      const share = Math.min(1, Math.max(0, value / 100));
      const field = svg("rect", { x: x + gap, y: y + gap, width: wide - 2 * gap, height: height - 2 * gap, class: "heat" });
      field.setAttribute("fill-opacity", (0.03 + 0.72 * share).toFixed(2));
      field.append(svg("title", {}, `${label}, ${name}: ${cell.textContent}`));
      picture.append(field);
      if (detailed)
        picture.append(
          svg("text", { x: x + wide / 2, y: y + 15, "text-anchor": "middle"}, cell.textContent));
    });
  });
  return picture;
}

// Parts, from the data: `data.rs` says how it is laid out.
const data = JSON.parse(document.getElementById("data")?.textContent ?? "null");

function cell(value) {
  if (value === -1) return element("td");
  if (typeof value === "number") return element("td", {}, data.texts[value]);
  if (typeof value === "string") {
    const shade = `background:rgba(var(--shade),${(Math.min(100, Math.max(0, Number(value))) / 250).toFixed(2)})`;
    return element("td", { class: "n", "data-v": value, style: shade }, value.replace(".", words.decimal));
  }
  const [thing, more] = value;
  if (more === undefined) return element("td", { class: "n", "data-v": thing }, String(thing));
  const text = data.texts[thing];
  if (typeof more === "string") return element("td", { class: "id" }, element("a", { href: more }, text));
  return element("td", more < 0 ? { class: "id" } : { class: "id", style: `padding-left:${more + 1}em` }, text);
}

function block(made, title) {
  if (typeof made === "number") return element("p", {}, data.texts[made]);
  if (!Array.isArray(made)) {
    const [chart, caption] = data.charts[made.chart];
    return element("figure", { class: "chart", "data-chart": JSON.stringify(chart) }, element("figcaption", {}, caption));
  }
  const [name, columns] = data.tables[made[0]];
  const heads = columns.map((column) => element("th", { scope: "col" }, column));
  const rows = made[1].map((row) => element("tr", {}, ...row.map(cell)));
  const table = element("table", { "data-name": name },
    element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows));
  return element("div", { class: "table", role: "group", "aria-label": title, tabindex: "0" }, table);
}

function fill(part) {
  const blocks = data?.parts[part.id];
  if (!blocks || "filled" in part.dataset) return;
  part.dataset.filled = "";
  const title = part.querySelector("h3").textContent;
  part.append(...blocks.filter((made) => made !== null).map((made) => block(made, title)));
  all("figure[data-chart]", part).forEach((holder) => draw(holder, part));
  all(".table", part).forEach(enhance);
}
document.addEventListener("toggle", (event) => event.target.open && fill(event.target), true);

// What a link leads to is opened, whatever it is folded in.
function reveal() {
  let target = null;
  try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { /* no anchor of ours */ }
  if (!target) return;
  for (let folded = target.closest("details"); folded; folded = folded.parentElement.closest("details")) {
    folded.open = true;
    fill(folded);
  }
  target.scrollIntoView();
  target.querySelector("summary")?.focus({ preventScroll: true });
}
addEventListener("hashchange", reveal);
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (link?.getAttribute("href") === location.hash) setTimeout(reveal);
  if (link?.classList.contains("other")) link.hash = location.hash;
});

all("figure[data-chart]").forEach((holder) => draw(holder, holder.parentElement));
all(".table").forEach(enhance);
for (const section of all(".section")) {
  const parts = all(".part", section);
  if (!parts.length) continue;
  const open = (wanted) => () => parts.forEach((part) => part.hidden || (part.open = wanted));
  const tools = element("p", { class: "tool" }, button(words.unfold, open(true)), " ", button(words.fold, open(false)));
  parts[0].before(tools);
  if (parts.length >= 8)
    search(tools, (wanted) =>
      parts.forEach((part) => (part.hidden = !lower(part.querySelector("h3").textContent).includes(wanted))));
}
reveal();
