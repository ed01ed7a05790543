// What a figure costs the page around it:
//   node tests/bench/embed.mjs [--visits 5] [--figures 20]     after ./run test has built the site
// Medians of the time from scrolling a figure into view to its first training step (a first visit each: nothing cached), the
// bytes of such a visit and of the element's script as gzip packs them, and the host's longest task while a page of many figures is scrolled
// to the end and back. Every frame is drawn, in software.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { root } from '../browser.mjs';
import { newVisitor, openSite } from '../page/site.mjs';
import { median } from './median.mjs';

const { values } = parseArgs({ options: { visits: { type: 'string', default: '5' }, figures: { type: 'string', default: '20' } } });
const visits = Number(values.visits), many = Number(values.figures);
const experiment = { unroll: 1, lanes: [{ cell: 'rnn', hidden: 64 }, { cell: 'lstm', hidden: 32 }], view: { autoplay: true } };
const figure = (/** @type {object} */ document) =>
  `<unroll-playground view="header curves" experiment="${JSON.stringify(document).replaceAll('"', '&quot;')}"></unroll-playground>`;
const far = '<div style="height: 1400px"></div>';

const site = await openSite();
const pages = /** @type {Record<string, string>} */ ({
  '/one': far + figure(experiment) + far,
  '/many': (figure({ ...experiment, lanes: [{ cell: 'rnn', hidden: 16 }] }) + far).repeat(many),
});
const server = createServer((request, response) => {
  const body = pages[request.url ?? ''];
  if (!body) return response.writeHead(404).end();
  response.setHeader('Content-Type', 'text/html').end(`<!doctype html><meta charset="utf-8"><script type="module" src="${site.address}unroll-playground.mjs"></script>${body}`);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
const host = `http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
const built = process.env.UNROLL_SITE ?? `${root}/build/web/site`;
const packed = (/** @type {string} */ name) => gzipSync(readFileSync(`${built}/${name}`), { level: 9 }).length;
console.log(`load before: ${loadavg().map((load) => load.toFixed(1)).join(' ')} (1, 5, 15 minutes)`);

/** @type {number[]} */ const times = [];
/** @type {Set<string>} */ let asked = new Set();
for (let visit = 0; visit < visits; ++visit) {
  const { page } = await newVisitor(site);
  asked = new Set();
  page.on('request', (request) => {
    const url = request.url();
    if (url.startsWith(site.address)) asked.add(new URL(url).pathname.slice(1) || 'index.html');
  });
  await page.goto(`${host}/one`);
  await page.evaluate(() => customElements.whenDefined('unroll-playground'));
  times.push(await page.evaluate(() => new Promise((resolve) => {
    const begin = performance.now();
    addEventListener('unroll-metrics', (event) => {
      if (/** @type {CustomEvent} */ (event).detail.step > 0) resolve(performance.now() - begin);
    });
    document.querySelector('unroll-playground')?.scrollIntoView();
  })));
  await page.context().close();
}
console.log(`from scrolling into view to the first step, both networks, first visit: median ${Math.round(median(times))} ms (${times.map(Math.round).join(', ')})`);
console.log(`the element's script: ${packed('unroll-playground.mjs')} bytes gzipped`);
const bytes = [...asked].map((name) => [name, packed(name)]).sort((a, b) => Number(b[1]) - Number(a[1]));
console.log(`a first visit: ${Math.round(bytes.reduce((sum, [, size]) => sum + Number(size), 0) / 1000)} kB gzipped in ${bytes.length} files (${bytes.slice(0, 4).map(([name, size]) => `${name} ${Math.round(Number(size) / 1000)}`).join(', ')})`);

const { page } = await newVisitor(site, { viewport: { width: 700, height: 600 } });
await page.addInitScript(() => {
  /** @type {number[]} */ const tasks = [];
  Object.assign(window, { tasks });
  const own = (/** @type {PerformanceEntry} */ { name }) => name !== 'cross-origin-descendant';
  if (self === top) new PerformanceObserver((list) => tasks.push(...list.getEntries().filter(own).map(({ duration }) => duration))).observe({ type: 'longtask' });
});
await page.goto(`${host}/many`);
const begin = Date.now();
for (let n = 0; n < 2 * many; ++n) {
  await page.evaluate((at) => document.querySelectorAll('unroll-playground')[at].scrollIntoView({ block: 'center' }), n < many ? n : 2 * many - 1 - n);
  await page.waitForTimeout(1000);
}
/** Of the host itself; those of its frames, which are of another origin, are not among them. @type {number[]} */
const tasks = await page.evaluate('tasks');
console.log(`${many} figures scrolled to the end and back in ${Math.round((Date.now() - begin) / 1000)} s: the host had ${tasks.length} tasks over 50 ms${tasks.length ? `, the longest ${Math.round(Math.max(...tasks))} ms` : ''}`);
console.log(`load after: ${loadavg().map((load) => load.toFixed(1)).join(' ')}`);
await page.context().close();
server.closeAllConnections();
server.close();
await site.close();
