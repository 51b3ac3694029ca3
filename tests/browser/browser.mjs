// Headless Chromium, what a page has to complain of, and the accessibility checker, for the tests beside this file.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});

// Opens a file; `trouble` gathers what goes to the console, dialogs, and requests but for the file itself and, where the
// test follows links, the pages that it visits.
export async function open(file, { follows }) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1200, height: 900 });
  const trouble = [];
  page.on("console", (message) => ["error", "warn"].includes(message.type()) && trouble.push(message.text()));
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("dialog", (dialog) => (trouble.push(`dialog ${dialog.message()}`), dialog.dismiss()));
  const url = pathToFileURL(file).href;
  const expected = (request) => (follows ? request.isNavigationRequest() : request.url() === url);
  page.on("request", (request) => expected(request) || trouble.push(`request ${request.url()}`));
  await page.goto(url);
  return { page, trouble };
}

// The page's own policy lets nothing be added, so axe is evaluated.
export async function accessible(page, file) {
  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(" ")}`);
    assert.deepEqual(found, [], `${file}, ${scheme}`);
  }
}
