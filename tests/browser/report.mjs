// The reports named on the command line, in headless Chromium. Of each: no error on the console, no dialog, no
// request but for itself, pictures with a text, and nothing that axe finds, light and dark. Of those with a ranking also:
// sorting and filtering with the keyboard, links into parts, the other language, and the print view.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { accessible, browser, open } from "./browser.mjs";

for (const file of process.argv.slice(2)) {
  const begun = Date.now();
  const { page, trouble } = await open(file, { follows: true });
  const opened = Date.now() - begun;

  const rows = await page.$$eval('table[data-name="ranking"] tbody tr', (rows) => rows.length);
  if (rows > 8) {
    await ranking(page);
    await printing(page);
  }
  await parts(page, rows > 0 && rows < 100);
  await pictures(page);
  // A large page has nothing to check that a small one has not.
  if (rows < 100) await accessible(page, file);
  await otherLanguage(page);
  await withoutScript(file);
  assert.deepEqual(trouble, [], file);
  console.log(`${file}: ${rows} ranked, opened in ${opened} ms, no error, request, dialog or violation`);
  await page.close();
}
await browser.close();

async function ranking(page) {
  const table = 'table[data-name="ranking"]';
  const column = (at) =>
    page.$$eval(`${table} tbody tr`, (rows, at) => rows.filter((row) => !row.hidden).map((row) => row.cells[at].textContent), at);
  const language = await page.$eval("html", (html) => html.lang);
  // Browsers do not know the Azerbaijani alphabet; Node.js does.
  const order = new Intl.Collator(language, { numeric: true }).compare;
  // Sorted by title, in the order of the language's letters, and the other way at the second press.
  const titles = await column(3);
  await page.focus(`${table} th:nth-child(4) button`);
  await page.keyboard.press("Enter");
  assert.deepEqual(await column(3), [...titles].sort(order));
  await page.keyboard.press("Enter");
  assert.deepEqual(await column(3), [...titles].sort((a, b) => order(b, a)));
  assert.equal(await page.$eval(`${table} th:nth-child(4)`, (head) => head.ariaSort), "descending");
  // Sorted by index as numbers, whatever mark the language has for decimals.
  await page.focus(`${table} th:nth-child(7) button`);
  await page.keyboard.press("Space");
  const indexes = (await column(6)).filter((text) => /\d/.test(text)).map((text) => Number(text.replace(",", ".")));
  assert.deepEqual(indexes, [...indexes].sort((a, b) => a - b));
  // Only rows with the typed words stay, whoever types with the keyboard alone.
  const wanted = (await column(2))[0];
  await page.$eval(table, (table) => table.closest(".table").previousElementSibling.querySelector("input").focus());
  await page.keyboard.type(wanted);
  assert.deepEqual(await column(2), [wanted]);
  // The row's link leads to the part of its service, opened and drawn, below the banner of a draft.
  await page.$eval(`${table} tbody tr:not([hidden]) td:nth-child(3) a`, (link) => link.focus());
  const away = await page.evaluate(() => !document.activeElement.getAttribute("href").startsWith("#"));
  await Promise.all([away ? page.waitForNavigation() : null, page.keyboard.press("Enter")]);
  await page.waitForFunction(() => document.querySelector(":target table"));
  const { open, top, banner, drawn } = await page.evaluate(() => {
    const target = document.querySelector(":target");
    const banner = document.querySelector(".draft")?.getBoundingClientRect().bottom ?? 0;
    const top = target.querySelector("h3").getBoundingClientRect().top;
    return { open: target.open, top, banner, drawn: target.querySelectorAll("svg rect").length };
  });
  assert(open && drawn > 1, "the part is open and its profile drawn");
  assert(top >= banner && top < 900, "nothing covers what a link leads to");
  if (away) return page.goBack();
  await page.$eval(table, (table) => {
    const input = table.closest(".table").previousElementSibling.querySelector("input");
    input.value = "";
    input.dispatchEvent(new Event("input"));
  });
}

// On paper is what is open, and nothing to press or to type into.
async function printing(page) {
  await page.emulateMediaType("print");
  const shown = (selector) =>
    page.$$eval(selector, (found) => found.filter((one) => one.getClientRects().length > 0).length);
  assert.equal(await shown("nav, .tool, input"), 0);
  assert.equal(await shown("details.part:not([open])"), 0);
  assert.equal(await shown("details.part[open]"), await page.$$eval(":target", (chosen) => chosen.length), "the chosen part alone");
  assert.equal(await shown("details.section"), await page.$$eval("details.section[open]", (open) => open.length));
  const ranking = 'table[data-name="ranking"]';
  const fold = () => page.$eval(ranking, (table) => table.closest("details.section").querySelector("summary").click());
  await fold();
  assert.equal(await shown(ranking), 0, "what is folded is not printed");
  await fold();
  if (await page.$(".draft")) {
    assert.equal(await page.$eval(".draft", (draft) => getComputedStyle(draft).position), "fixed", "on every page");
  }
  const pdf = await page.pdf({ printBackground: true });
  assert(pdf.length > 10_000);
  await page.emulateMediaType("screen");
}

// Every part opens, with a table or words in it; in a small report all at once.
async function parts(page, all) {
  const count = await page.$$eval("details.part", (parts) => parts.length);
  if (count === 0) return;
  await page.$$eval("details.part", (parts, all) => (all ? parts : parts.slice(0, 3)).forEach((part) => (part.open = true)), all);
  const open = all ? count : Math.min(3, count);
  await page.waitForFunction((open) => document.querySelectorAll("details.part[data-filled]").length >= open, {}, open);
  const empty = await page.$$eval("details.part[open]", (parts) => parts.filter((part) => part.children.length < 2).length);
  assert.equal(empty, 0);
}

async function pictures(page) {
  const found = await page.$$eval("figure.chart", (figures) =>
    figures.map((figure) => figure.querySelector("svg[role=img]")?.getAttribute("aria-label")?.length ?? 0));
  assert(found.length > 0 && found.every((length) => length > 10), "every picture is drawn and has a text");
}

// The link to the other language keeps the place, and leads back.
async function otherLanguage(page) {
  const other = await page.$("a.other");
  if (!other) return;
  const [from, hash] = await page.evaluate(() => [document.documentElement.lang, location.hash]);
  await Promise.all([page.waitForNavigation(), other.evaluate((link) => link.click())]);
  const [to, place] = await page.evaluate(() => [document.documentElement.lang, location.hash]);
  assert.notEqual(to, from);
  assert.equal(place, hash);
  if (hash) assert(await page.$eval(":target", (target) => target.open), "the same part is open");
  assert(existsSync(fileURLToPath(await page.$eval("a.other", (link) => link.href.split("#")[0]))));
}

// Rankings and summaries do without the script.
async function withoutScript(file) {
  const page = await browser.newPage();
  await page.setJavaScriptEnabled(false);
  await page.goto(pathToFileURL(file).href);
  const shown = await page.$$eval("details.section table, details.section p", (found) =>
    found.filter((one) => one.getClientRects().length > 0).length);
  assert(shown > 0);
  await page.close();
}
