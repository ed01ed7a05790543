// How much a helper brings to one lane in the tab: one lane alone, two that have nothing to do with each other, and one with a
// helper, in turns on the same page and machine.
import { serve } from '../../tools/serve.mjs';
import { hashOf } from '../../web/page/hash.mjs';
import { root } from './chromium.mjs';

const words = ['the', 'a', 'little', 'old', 'lantern', 'keeper', 'of', 'harbour', 'said', 'and', 'went', 'home', 'again'];
const symbols = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz012345678,\n';  // V = 65 with those below
export const text = symbols + Array.from({ length: 40000 }, (_, i) => words[(i * i + 7 * i) % 13] + (i % 11 === 10 ? '.\n' : ' ')).join('');

/** Seconds: until V8 has compiled what is hot, and of one measurement at most; and steps of one at least. */
const settle = 8, longest = 12, fewest = 8;

/**
 * Characters a second of all lanes together, over whole steps.
 * @param {import('./chromium.mjs').Browser} browser @param {string} address
 * @param {{H: number, layers: number, T: number, B: number}} size @param {number} lanes @param {number} cores that the page may use
 */
async function speed(browser, address, { H, layers, T, B }, lanes, cores) {
  const page = await browser.newPage();
  await page.addInitScript((cores) => Object.defineProperty(navigator, 'hardwareConcurrency', { value: cores }), cores);
  const experiment = {
    unroll: 1, data: { text, valid: 0 }, train: { batch: B, seq_length: T }, view: { autoplay: true },
    lanes: Array.from({ length: lanes }, () => ({ cell: 'lstm', hidden: H, layers })),
  };
  await page.goto(address + (await hashOf(JSON.stringify(experiment))));
  const found = await page.evaluate(async ({ settle, longest, fewest }) => {
    const rest = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const lanes = () => window.unroll.state().lanes;
    const steps = () => lanes().map((/** @type {any} */ lane) => lane.step);
    /** When each lane shows a new step, and which. */
    const seen = () => Promise.all(steps().map(async (/** @type {number} */ before, /** @type {number} */ i) => {
      while (steps()[i] === before) await rest(4);
      return { at: performance.now(), step: steps()[i] };
    }));
    await rest(1000 * settle);
    const begin = await seen();
    for (const end = performance.now() + 1000 * longest; performance.now() < end && steps()[0] < begin[0].step + 40 * fewest; ) await rest(50);
    while (steps()[0] < begin[0].step + fewest) await rest(50);
    const end = await seen();
    return { cores: lanes()[0].cores, rates: end.map(({ at, step }, i) => (1000 * (step - begin[i].step)) / (at - begin[i].at)) };
  }, { settle, longest, fewest });
  await page.close();
  return { cores: found.cores, rate: T * B * found.rates.reduce((sum, rate) => sum + rate, 0) };
}

/**
 * @param {import('./chromium.mjs').Browser} browser
 * @param {Record<string, {H: number, layers: number, T: number, B: number}>} sizes
 * @param {number} passes
 * @returns {Promise<{size: string, alone: number[], two: number[], helped: number[], cores: number}[]>} characters a second
 */
export async function helped(browser, sizes, passes) {
  const { server, address } = await serve(`${root}/build/web/site`, 0);
  const found = [];
  for (const [size, shape] of Object.entries(sizes)) {
    /** @type {{size: string, alone: number[], two: number[], helped: number[], cores: number}} */
    const row = { size, alone: [], two: [], helped: [], cores: 1 };
    for (let pass = 0; pass < passes; ++pass) {
      row.alone.push((await speed(browser, address, shape, 1, 1)).rate);
      row.two.push((await speed(browser, address, shape, 2, 2)).rate);
      const { rate, cores } = await speed(browser, address, shape, 1, 2);
      row.helped.push(rate);
      row.cores = cores;
    }
    found.push(row);
  }
  server.close();
  return found;
}
