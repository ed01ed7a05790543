// node tests/bench/soak.mjs [MINUTES]: the default experiment trains in Chromium for MINUTES (30), both lanes, with every frame drawn. Told
// every minute, and in the end as a table with the slope after the first five: the memory of Chromium's processes (PSS, by what they are:
// the page and its workers are the renderer), the page's JavaScript heap after a collection, the WebAssembly memory of the page and of
// each lane's worker, and how fast each lane learns. Needs the built site, and Linux (/proc).
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../browser.mjs';
import { MortalBrowser } from '../page/killed.mjs';
import { Playground, everyLane } from '../page/playground.mjs';
import { serveSite } from '../page/site.mjs';

const minutes = Number(process.argv[2] ?? 30);
const warmUp = 5;

/** Set before the modules' own lines, which hand their memory to nobody. */
const tellMemory = `{
  const made = WebAssembly.instantiate;
  WebAssembly.instantiate = async (...all) => {
    const one = await made(...all), { exports } = one.instance ?? one;
    self.soaked = Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
    return one;
  };
}
`;
const folder = mkdtempSync(join(tmpdir(), 'unroll-soak-'));
cpSync(process.env.UNROLL_SITE ?? `${root}/build/web/site`, folder, { recursive: true });
for (const name of ['main.mjs', 'worker.mjs']) writeFileSync(join(folder, name), tellMemory + readFileSync(join(folder, name), 'utf8'));
process.env.UNROLL_SITE = folder;

/** Megabytes by what the processes are: "browser", "renderer", "gpu-process", …. @param {MortalBrowser} browser @returns {Record<string, number>} */
function memory(browser) {
  /** @type {Record<string, number>} */ const sums = {};
  for (const pid of browser.processes()) {
    try {
      const type = /--type=([\w-]+)/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1] ?? 'browser';
      const kilobytes = Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
      sums[type] = (sums[type] ?? 0) + kilobytes / 1024;
    } catch { /* it has ended */ }
  }
  return sums;
}

/** What is told of a time: numbers by name. @typedef {Record<string, number>} Row */

/** Least squares: how much a value grows in an hour. @param {number[]} times minutes @param {number[]} values */
function slope(times, values) {
  const mean = (/** @type {number[]} */ numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  const t = mean(times), v = mean(values);
  return 60 * times.reduce((sum, time, i) => sum + (time - t) * (values[i] - v), 0) / times.reduce((sum, time) => sum + (time - t) ** 2, 0);
}

const shown = (/** @type {number} */ value) =>
  (Number.isNaN(value) ? '–' : Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(1)).padStart(12);
const site = await serveSite();
const browser = new MortalBrowser();
/** @type {number[]} */ const times = [];
/** @type {Row[]} */ const rows = [];
try {
  const playground = new Playground(await browser.visit(site.address));
  const { page } = playground;
  await playground.until('the page is there', (state) => state.lanes?.length > 1 && everyLane(state, (lane) => lane.configured));
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  await playground.press('train');
  const begin = Date.now();
  let before = { at: begin, lanes: (await playground.state()).lanes };
  for (let minute = 1; minute <= minutes; ++minute) {
    await page.waitForTimeout(Math.max(0, begin + 60000 * minute - Date.now()));
    const { lanes, running } = await playground.state(), at = Date.now();
    if (!running) throw new Error('training has stopped');
    await devtools.send('HeapProfiler.collectGarbage');
    const { metrics } = await devtools.send('Performance.getMetrics');
    const megabytes = () => /** @type {any} */ (self).soaked?.buffer.byteLength / 2 ** 20;
    /** @type {Row} */ const row = {};
    for (const [type, sum] of Object.entries(memory(browser))) row[`${type}, MB`] = sum;
    row['JavaScript heap, MB'] = (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? NaN) / 2 ** 20;
    row['page’s wasm, MB'] = await page.evaluate(megabytes);
    for (const [i, worker] of page.workers().entries()) row[`worker ${i + 1}’s wasm, MB`] = await worker.evaluate(megabytes);
    for (const [i, lane] of lanes.entries())
      row[`${lane.name}, characters/s`] = (lane.step - before.lanes[i].step) * lane.batch * lane.seq_length / ((at - before.at) / 1000);
    before = { at, lanes };
    times.push((at - begin) / 60000);
    rows.push(row);
    console.log(`minute ${minute}: ${Object.entries(row).map(([name, value]) => `${name} ${shown(value).trim()}`).join(' · ')}`);
  }
} finally {
  await browser.end();
  site.close();
  rmSync(folder, { recursive: true });
}
const from = times.length > warmUp + 1 ? warmUp : 0;  // a shorter run shows that it works
console.log(`\n${''.padEnd(32)}${`minute ${from + 1}`.padStart(12)}${'last'.padStart(12)}${'most'.padStart(12)}${'an hour'.padStart(12)}`);
for (const name of Object.keys(rows.at(-1) ?? {})) {
  const values = rows.slice(from).map((row) => row[name] ?? NaN);
  console.log(name.padEnd(32) + shown(values[0]) + shown(values.at(-1) ?? NaN) + shown(Math.max(...values)) + shown(slope(times.slice(from), values)));
}
