// The handbooks named on the command line, in headless Chromium: no error on the console, no request, every link
// leads somewhere, print shows every question and nothing to click, and axe finds no violation.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
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
  await page.goto(url);
  const lost = await page.$$eval('a[href^="#"]', (links) =>
    links.map((link) => link.getAttribute("href").slice(1)).filter((id) => !document.getElementById(decodeURIComponent(id))),
  );
  assert.deepEqual(lost, [], "links lead somewhere");
  // The index of names, the last table, leads to every question.
  const names = await page.$$eval("table", (tables) => tables.at(-1).querySelectorAll("a[href]").length);
  assert.equal(names, 143);
  await page.emulateMediaType("print");
  assert.equal(await page.$eval("nav", (nav) => getComputedStyle(nav).display), "none");
  const hidden = await page.$$eval("section", (parts) => parts.filter((part) => part.offsetHeight < 20).length);
  assert.equal(hidden, 0, "print shows every question");
  if (process.env.PICTURES) await page.pdf({ path: file.replace(/html$/, "pdf"), format: "A4" });
  await page.emulateMediaType("screen");
  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(" ")}`);
    assert.deepEqual(found, [], `${file}, ${scheme}`);
  }
  if (process.env.PICTURES) await page.screenshot({ path: file.replace(/html$/, "png") });
  assert.deepEqual(trouble, [], file);
  console.log(`${file}: ${names} questions, no violation`);
  await page.close();
}
await browser.close();
