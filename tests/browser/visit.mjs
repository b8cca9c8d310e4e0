// Visits pages as a visitor who has made no choice, then as one who agrees, and prints which hosts each page asked, as JSON:
//   node visit.mjs CHROMIUM FOLDER PAGE...
// The pages are served from FOLDER as https://site.test/. Nothing reaches the network: any other host gets an empty answer.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { chromium } from "playwright-core";

const SITE = "https://site.test/";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const EMPTY = { document: ["text/html", ""], script: ["text/javascript", ""], stylesheet: ["text/css", ""] };
const SETTLED = 400; // milliseconds without a timer of the fixtures still to come

const [executablePath, folder, ...pages] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  headless: true,
  chromiumSandbox: false,
  args: ["--disable-gpu", "--disable-background-networking"],
});
const result = {};
try {
  for (const name of pages) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ignoreHTTPSErrors: true });
    const seen = { files: new Set(), before: new Set(), after: new Set() };
    let hosts = seen.before;
    await context.route("**/*", async (route) => {
      const url = new URL(route.request().url());
      if (url.href.startsWith(SITE)) {
        const file = decodeURIComponent(url.pathname.slice(1));
        try {
          const body = await readFile(path.join(folder, file));
          seen.files.add(file);
          return route.fulfill({ body, contentType: TYPES[path.extname(file)] ?? "application/octet-stream" });
        } catch {
          return route.fulfill({ status: 404, body: "" });
        }
      }
      hosts.add(url.hostname);
      const [contentType, body] = EMPTY[route.request().resourceType()] ?? ["text/plain", ""];
      return route.fulfill({ contentType, body, headers: { "access-control-allow-origin": "*" } });
    });
    const page = await context.newPage();
    await page.goto(SITE + name, { waitUntil: "load" });
    await page.waitForTimeout(SETTLED);
    hosts = seen.after;
    const accept = page.locator("[data-accept]");
    if ((await accept.count()) > 0) {
      await accept.first().click();
      await page.waitForTimeout(SETTLED);
    }
    const [files, before, after] = [seen.files, seen.before, seen.after].map((one) => [...one].sort());
    result[name] = { files, before, after };
    await context.close();
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(result, null, 1));
