// The handbooks named on the command line, in headless Chromium: no error on the console, no request, every link
// leads somewhere, print shows every question and nothing to click, and axe finds no violation.
import assert from "node:assert/strict";
import { accessible, browser, open } from "./browser.mjs";

for (const file of process.argv.slice(2)) {
  const { page, trouble } = await open(file, { follows: false });
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
  await accessible(page, file);
  if (process.env.PICTURES) await page.screenshot({ path: file.replace(/html$/, "png") });
  assert.deepEqual(trouble, [], file);
  console.log(`${file}: ${names} questions, no violation`);
  await page.close();
}
await browser.close();
