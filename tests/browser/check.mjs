// Opens pages in headless Chromium and prints what a browser and axe-core find, as JSON. Usage:
//   node check.mjs CHROMIUM FILE.html [SCREENSHOTS]
// The page may ask for nothing but itself; whatever else it asks for is refused and listed.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, file, screenshots] = process.argv.slice(2);
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const address = pathToFileURL(path.resolve(file)).href;
const browser = await chromium.launch({
  executablePath,
  headless: true,
  chromiumSandbox: false,
  args: ["--disable-gpu", "--disable-background-networking"],
});
const result = { console: [], requests: [], violations: {}, overflow: {}, focus: [], printed: 0 };
try {
  for (const [name, width, colorScheme] of [
    ["light", 1280, "light"],
    ["dark", 1280, "dark"],
    ["narrow", 320, "light"],
  ]) {
    // axe is put in past the page's own policy, which forbids every script.
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
    const page = await context.newPage();
    page.on("console", (message) => result.console.push(message.text()));
    page.on("pageerror", (error) => result.console.push(String(error)));
    await page.route("**/*", (route) => {
      const url = route.request().url();
      if (url === address) return route.continue();
      result.requests.push(url);
      return route.abort();
    });
    await page.goto(address);
    await page.addScriptTag({ path: axe });
    const found = await page.evaluate(() =>
      axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      }),
    );
    result.violations[name] = found.violations.map(
      (one) => `${one.id}: ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`,
    );
    result.overflow[name] = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (screenshots) {
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
    }
    if (name === "light") {
      for (let step = 0; step < 3; step += 1) {
        await page.keyboard.press("Tab");
        result.focus.push(await page.evaluate(() => document.activeElement.textContent.trim()));
      }
      // The width of A4 without its margins: what does not fit would be cut off.
      await page.setViewportSize({ width: 680, height: 960 });
      await page.emulateMedia({ media: "print" });
      result.overflow.print = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (screenshots) await page.screenshot({ path: path.join(screenshots, "print.png") });
      result.printed = (await page.pdf({ format: "A4" })).length;
    }
    await context.close();
  }
  // Once more as visitors get it, with its policy in force.
  const page = await browser.newPage();
  page.on("console", (message) => result.console.push(message.text()));
  page.on("request", (request) => request.url() !== address && result.requests.push(request.url()));
  await page.goto(address);
  result.title = await page.title();
} finally {
  await browser.close();
}
console.log(JSON.stringify(result, null, 1));
