// The reports named on the command line, in headless Chromium: no error on the console, no request, sorting,
// filtering and links work, the print view shows everything, and axe finds no violation.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(process.cwd() + "/");
const puppeteer = require("puppeteer-core");
const axe = require("fs").readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
for (const file of process.argv.slice(2)) {
  const page = await browser.newPage();
  const trouble = [];
  page.on("console", (message) => ["error", "warn"].includes(message.type()) && trouble.push(message.text()));
  page.on("pageerror", (error) => trouble.push(String(error)));
  const url = pathToFileURL(file).href;
  page.on("request", (request) => request.url() !== url && trouble.push(`request ${request.url()}`));
  const begun = Date.now();
  await page.goto(url);
  const opened = Date.now() - begun;
  await page.$eval(".table", (table) => (table.id = "first"));

  const column = (at) =>
    page.$$eval("#first tbody tr", (rows, at) => rows.filter((row) => !row.hidden).map((row) => row.cells[at].textContent), at);
  const before = await column(2);
  const headers = await page.$$eval("#first th", (heads) => heads.length);
  assert(headers > 6, "a ranking comes first");
  // Sorted by id with the keyboard, and the other way at the second press.
  await page.focus("#first th:nth-child(3) button");
  await page.keyboard.press("Enter");
  const sorted = await column(2);
  assert.deepEqual(sorted, [...before].sort(new Intl.Collator("en", { numeric: true }).compare));
  await page.keyboard.press("Enter");
  assert.deepEqual(await column(2), [...sorted].reverse());
  // Only rows with the typed words stay.
  await page.type("input[type=search]", before[0]);
  assert.deepEqual(await column(2), [before[0]]);
  // The row's link leads to the part of its service.
  await page.click("#first tbody tr:not([hidden]) td:nth-child(3) a");
  const target = await page.evaluate(() => document.querySelector(":target h3")?.textContent);
  assert(target, "the link leads to a part");
  await page.emulateMediaType("print");
  assert.equal(await page.$eval("nav", (nav) => getComputedStyle(nav).display), "none");
  await page.emulateMediaType("screen");

  // Accessibility, light and dark; the page's own policy lets nothing be added, so axe is evaluated.
  for (const scheme of before.length > 100 ? ["light"] : ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(" ")}`);
    assert.deepEqual(found, [], `${file}, ${scheme}`);
  }
  assert.deepEqual(trouble, [], file);
  console.log(`${file}: ${before.length} services, opened in ${opened} ms, no violation`);
  await page.close();
}
await browser.close();
