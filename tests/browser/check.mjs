// Looks at a page of a report in a real browser, Chromium without a window.
//
//   node check.mjs PAGE.html SCREENSHOTS
//
// The packages puppeteer-core and axe-core are looked for in the directory ZONELAPSE_NODE, and the browser is
// ZONELAPSE_CHROMIUM or `chromium`. For two widths, light and dark: a screenshot with scripts off; nothing wider than the
// window; no violation that axe-core finds, neither as it is nor with everything unfolded; focus moves in the order of
// the page, and shows. Then sorting, filters and print. The browser has no network, and every request but the one for
// the page itself is a failure, and so is every message on its console, such as one of the Content-Security-Policy.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const require = createRequire(join(resolve(process.env.ZONELAPSE_NODE ?? "."), "check.cjs"));
if (process.argv[2] === "--probe") {
  require.resolve("puppeteer-core");
  require.resolve("axe-core");
  process.exit(0);
}
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [file, shots] = process.argv.slice(2).map((path) => resolve(path));
const url = pathToFileURL(file).href;
mkdirSync(shots, { recursive: true });

const failures = [];
const expect = (holds, what) => holds || failures.push(what);

const browser = await puppeteer.launch({
  executablePath: process.env.ZONELAPSE_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND"],
});

async function open(width, scheme, scripts) {
  const where = `${width} px, ${scheme}, scripts ${scripts ? "on" : "off"}`;
  const page = await browser.newPage();
  page.setDefaultTimeout(60000);
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.setJavaScriptEnabled(scripts);
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const own = request.url() === url;
    expect(own, `${where}: asks for ${request.url()}`);
    own ? request.continue() : request.abort();
  });
  page.on("console", (message) => failures.push(`${where}: console: ${message.text()}`));
  page.on("pageerror", (error) => failures.push(`${where}: ${error}`));
  await page.goto(url, { waitUntil: "load" });
  const [seen, inside] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(seen <= inside, `${where}: ${seen} px wide`);
  return [page, where];
}

async function accessible(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  for (const { id, help, nodes } of violations) {
    const first = nodes.slice(0, 3).map((node) => `${node.target}: ${node.any.map((it) => it.message)}`);
    failures.push(`${where}: ${id}: ${help}, at ${nodes.length} places: ${first.join(" | ")}`);
  }
}

// The elements that Tab reaches, in order; each must come after the one before it, and must show that it has the focus.
async function focus(page, where) {
  await page.evaluate(() => document.activeElement.blur());
  let stops = 0;
  for (; stops < 400; stops++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const [now, before] = [document.activeElement, globalThis.before];
      globalThis.before = now;
      if (now === document.body) return null;
      const style = getComputedStyle(now);
      return {
        name: `${now.tagName} ${now.getAttribute("aria-label") ?? now.textContent.slice(0, 40)}`,
        follows: !before || before === document.body || !!(before.compareDocumentPosition(now) & 4),
        shows: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
      };
    });
    if (found === null) break;
    if (stops === 0) expect(/Skip/.test(found.name), `${where}: the first stop is ${found.name}`);
    expect(found.follows, `${where}: ${found.name} is out of order`);
    expect(found.shows, `${where}: ${found.name} does not show that it has the focus`);
  }
  expect(stops > 10, `${where}: only ${stops} stops`);
}

async function sortAndFilter(page, where) {
  const told = await page.evaluate(() => {
    const table = document.querySelector("table.sortable.domains");
    const numbers = () => [...table.tBodies[0].rows].map((row) => Number(row.querySelector("td.n").textContent.replace(/,/g, "")));
    const button = table.querySelector("th.n button");
    const [before, first] = [numbers(), table.tBodies[0].rows[0].textContent];
    button.click();
    const sorted = numbers();
    const marked = button.parentElement.getAttribute("aria-sort");
    button.click();
    button.click();
    const again = table.tBodies[0].rows[0].textContent === first && !button.parentElement.hasAttribute("aria-sort");
    const input = table.closest("section").querySelector("input[type=search]");
    const name = table.querySelector(".domain").textContent;
    if (input) {
      input.value = name;
      input.dispatchEvent(new Event("input"));
    }
    const left = [...table.tBodies[0].rows].filter((row) => !row.hidden);
    return { before, sorted, marked, again, filters: !input || left.every((row) => row.textContent.includes(name)), left: left.length };
  });
  const falls = told.sorted.every((number, at) => at === 0 || number <= told.sorted[at - 1]);
  expect(falls && told.marked === "descending", `${where}: the table is not sorted: ${told.sorted}`);
  expect(told.again, `${where}: the third click does not bring the first order back`);
  expect(told.filters && told.left > 0, `${where}: the filter leaves ${told.left} rows`);
}

for (const width of [1280, 400]) {
  for (const scheme of ["light", "dark"]) {
    const [plain] = await open(width, scheme, false);
    await plain.screenshot({ path: join(shots, `${width}-${scheme}.png`), fullPage: true, captureBeyondViewport: true });
    await plain.close();
    const [page, where] = await open(width, scheme, true);
    await accessible(page, where);
    await focus(page, where);
    await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
    await accessible(page, `${where}, unfolded`);
    if (await page.$("table.sortable.domains th.n button")) await sortAndFilter(page, where);
    await page.close();
  }
}
const [print] = await open(1280, "light", false);
const pdf = await print.pdf({ path: join(shots, "print.pdf"), format: "A4", printBackground: false });
expect(pdf.length > 10000, "nothing is printed");
await browser.close();

for (const failure of failures) console.error(failure);
process.exit(failures.length ? 1 : 0);
