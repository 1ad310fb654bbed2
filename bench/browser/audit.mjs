/*
 * Lighthouse over pages, some of them behind a session: reads a plan as JSON from standard input, writes what was found
 * as JSON to standard output. One browser for each audit, so that none finds the cache of another.
 */
import { readFileSync } from "node:fs";
import lighthouse, { desktopConfig } from "lighthouse";
import puppeteer from "puppeteer-core";

const plan = JSON.parse(readFileSync(0, "utf8"));
const CONFIGS = { phone: undefined, desktop: desktopConfig };
const CATEGORIES = ["performance", "accessibility", "best-practices"];
const METRICS = {
  first_paint_ms: "first-contentful-paint",
  largest_paint_ms: "largest-contentful-paint",
  blocking_ms: "total-blocking-time",
  speed_index_ms: "speed-index",
  layout_shift: "cumulative-layout-shift",
  bytes: "total-byte-weight",
};

const signIn = async (page, url, cookies) => {
  const { hostname } = new URL(url);
  await page.browserContext().setCookie(...Object.entries(cookies).map(([name, value]) => ({ name, value, domain: hostname, path: "/" })));
};

const below = (result) =>
  CATEGORIES.flatMap((name) => result.categories[name].auditRefs)
    .filter(({ id, weight }) => weight > 0 && result.audits[id].score !== null && result.audits[id].score < 0.9)
    .map(({ id }) => id);

const audit = async ({ url, cookies }, form) => {
  const browser = await puppeteer.launch({ executablePath: plan.browser, args: plan.arguments, headless: true });
  try {
    const page = await browser.newPage();
    await signIn(page, url, cookies);
    const { lhr } = await lighthouse(url, { onlyCategories: CATEGORIES, disableStorageReset: true }, CONFIGS[form], page);
    if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
    const scores = CATEGORIES.map((name) => [name.replace("-", "_"), Math.round(lhr.categories[name].score * 100)]);
    const metrics = Object.entries(METRICS).map(([name, id]) => [name, lhr.audits[id].numericValue]);
    return { arrived: lhr.finalDisplayedUrl, ...Object.fromEntries(scores), ...Object.fromEntries(metrics), below: below(lhr) };
  } finally {
    await browser.close();
  }
};

/* A busy machine may lose the beginning of a trace: then the visit is made anew. */
const patiently = async (visit, form, left = 2) => {
  try {
    return await audit(visit, form);
  } catch (error) {
    if (left === 0) throw error;
    console.error(`  again: ${error.message}`);
    return patiently(visit, form, left - 1);
  }
};

const found = [];
for (let run = 0; run < plan.runs; run += 1) {
  for (const visit of plan.visits) {
    for (const form of Object.keys(CONFIGS)) {
      found.push({ page: visit.page, form, ...(await patiently(visit, form)) });
      const { page, performance, accessibility, best_practices } = found.at(-1);
      console.error(`  ${page} on a ${form}: ${performance}, ${accessibility}, ${best_practices}`);
    }
  }
}
console.log(JSON.stringify(found));
