// How soon the page answers a key while every core trains: one lane of each size with as many helpers as there are cores, the
// whole page drawn. A key that opens and closes the help is pressed again and again; told is the time from the key until the
// next picture is on the screen, as the browser counts it (Event Timing: in steps of 8 ms, and nothing below 16).
//   node tests/bench/key_time.mjs [--presses 40]
// after ./run test has built the site.
import { parseArgs } from 'node:util';
import { Playground } from '../page/playground.mjs';
import { openSite } from '../page/site.mjs';
import { text } from './helped.mjs';

const { values } = parseArgs({ options: { presses: { type: 'string', default: '40' } } });
const presses = Number(values.presses);
const sizes = { M: [128, 1], L: [256, 1], XL: [512, 2] };

const site = await openSite();
for (const [size, [hidden, layers]] of Object.entries(sizes)) {
  const playground = await Playground.open(site, {
    fresh: true, pictures: true,
    experiment: { unroll: 1, data: { text, valid: 0 }, train: { batch: 32, seq_length: 64 }, lanes: [{ cell: 'lstm', hidden, layers }] },
  });
  const { page } = playground;
  await playground.press('train');
  await playground.until('helpers are at work', (state) => state.lanes[0].cores > 1 && state.lanes[0].step > 20, 300000);
  await page.locator('#canvas').focus();
  await page.evaluate(() => {
    const times = /** @type {number[]} */ ([]);
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) if (name === 'keydown') times.push(duration);
    }).observe(/** @type {any} */ ({ type: 'event', durationThreshold: 16 }));
    Object.assign(window, { times });
  });
  for (let n = 0; n < presses; ++n) {
    await page.keyboard.press('F1');
    await page.waitForTimeout(200 + 100 * Math.random());
  }
  const { times, cores } = await page.evaluate(() => ({ times: /** @type {any} */ (window).times, cores: window.unroll.state().lanes[0].cores }));
  while (times.length < presses) times.push(16);  // or less
  times.sort((/** @type {number} */ a, /** @type {number} */ b) => a - b);
  const of = (/** @type {number} */ share) => times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(0);
  console.log(`${size}, ${cores} cores: median ${of(0.5)} ms, nine of ten within ${of(0.9)} ms, longest ${of(1)} ms of ${times.length}`);
  await page.context().close();
}
await site.close();
