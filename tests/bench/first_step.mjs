// How soon a visitor sees something: the seconds from the navigation to the first picture, and to the first step of both networks of the
// default experiment, in fresh profiles and in one that has been there before. The server is warm; each is the median of the visits.
//   node tests/bench/first_step.mjs [--visits 9]
// after ./run test has built the site.
import { parseArgs } from 'node:util';
import { serve } from '../../tools/serve.mjs';
import { hashOf } from '../../web/page/hash.mjs';
import { launchChromium, root } from '../browser.mjs';
import { median } from './median.mjs';

const { values } = parseArgs({ options: { visits: { type: 'string', default: '9' } } });
const visits = Number(values.visits);
const rest = 1500;  // milliseconds between two visits, in which the browser tidies up after the one before

const { server, address } = await serve(`${root}/build/web/site`, 0);
const browser = await launchChromium();
const open = () => browser.newContext({ viewport: { width: 1280, height: 720 } });

/** @param {import('playwright-core').BrowserContext} context @returns {Promise<number[]>} seconds: picture, step */
async function visit(context) {
  const page = await context.newPage();
  await page.addInitScript(() => {
    const look = () => {
      if (document.getElementById('canvas')?.classList.contains('drawn')) performance.mark('picture');
      else setTimeout(look, 8);
    };
    look();
  });
  await page.goto(address + (await hashOf(JSON.stringify({ unroll: 1, view: { autoplay: true } }))));
  await page.waitForFunction(() => {
    const lanes = window.unroll?.state().lanes ?? [];
    return lanes.length === 2 && lanes.every((/** @type {any} */ lane) => lane.step > 0);
  }, null, { polling: 15 });
  const times = await page.evaluate(() => [performance.getEntriesByName('picture')[0].startTime / 1000, performance.now() / 1000]);
  await page.close();
  return times;
}

const told = (/** @type {number[]} */ all) => `${median(all).toFixed(2)} s (${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)})`;

await visit(await open());  // the server and the browser warm up
const same = await open();
await visit(same);
/** @typedef {number[][]} Times */
const fresh = /** @type {Times} */ ([]), again = /** @type {Times} */ ([]);
for (let n = 0; n < visits; ++n) {
  for (const [context, times] of /** @type {const} */ ([[await open(), fresh], [same, again]])) {
    await new Promise((resolve) => setTimeout(resolve, rest));
    times.push(await visit(context));
    if (context !== same) await context.close();
  }
}
for (const [who, times] of /** @type {const} */ ([['a fresh profile', fresh], ['one that has been there', again]]))
  console.log(`${who}: first picture ${told(times.map(([picture]) => picture))}, first step of both networks ${told(times.map(([, step]) => step))}; ${times.length} visits`);
await browser.close();
server.close();
