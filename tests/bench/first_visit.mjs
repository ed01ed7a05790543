// What a first visit sees: the page is opened with its default settings and Train is pressed at once, by the page's own
// button, with every frame drawn. Told for each of five seeds: after how many seconds since the navigation the LSTM's
// held-out loss is below the RNN's, and below the best n-gram's, for good; and the losses at some moments.
//   node tests/bench/first_visit.mjs [--seeds 1,2,3,4,5] [--seconds 90] [--experiment FILE.json]
// after ./run test has built the site. Exit code 1: a seed crossed later than it should. Takes 95 s a seed.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { hashOf } from '../../web/page/hash.mjs';
import { openSite } from '../page/site.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3,4,5' },
    seconds: { type: 'string', default: '90' },
    experiment: { type: 'string' },
  },
});
const seeds = values.seeds.split(',').map(Number);
const last = Number(values.seconds);
const moments = [1 / 3, 2 / 3, 1].map((share) => Math.round(last * share));
/** Seconds within which it should be seen: the RNN passed, the n-gram passed. */
const wanted = { rnn: 45, ngram: 90 };

/**
 * What the page shows at a time: newest held-out losses by cell, and what memory decides of them.
 * @typedef {{ time: number, step: Record<string, number>, loss: Record<string, number>, decisive: Record<string, number>,
 *   ngram: number, chance: number, speed: number }} Look
 */

/** Runs in the page. @returns {Look | null} */
function look() {
  const state = window.unroll?.state();
  if (!state?.lanes?.length || !state.baselines) return null;
  /** @type {any} */ const found = { time: performance.now() / 1000, step: {}, loss: {}, decisive: {}, speed: 0 };
  for (const lane of state.lanes) {
    const cell = lane.name.split(' ')[0].toLowerCase();
    found.step[cell] = lane.step;
    found.loss[cell] = lane.valid.at(-1)?.[1] ?? NaN;
    found.decisive[cell] = lane.score?.others?.['decisive loss'] ?? NaN;
    found.speed += lane.chars_per_second;
  }
  const { chance, ...losses } = state.baselines;
  found.chance = chance ?? NaN;
  found.ngram = Math.min(...Object.values(losses).filter((loss) => typeof loss === 'number'));
  return found;
}

/** The time from which on it holds until the end; Infinity: it does not. @param {Look[]} looks @param {(look: Look) => boolean} holds */
function forGood(looks, holds) {
  let since = Infinity;
  for (const one of looks) {
    if (!holds(one)) since = Infinity;
    else if (since === Infinity) since = one.time;
  }
  return since;
}

const site = await openSite();
const three = (/** @type {number} */ value) => (Number.isFinite(value) ? value.toFixed(3) : '–').padStart(6);
const seconds = (/** @type {number} */ value) => (Number.isFinite(value) ? value.toFixed(1) : '–').padStart(6);
/** @type {number[][]} */ const crossings = [];
let chromium = '';
for (const seed of seeds) {
  const given = values.experiment ? JSON.parse(readFileSync(values.experiment, 'utf8')) : { unroll: 1 };
  const experiment = { ...given, train: { ...given.train, seed } };
  const { page } = await site.visit({ pictures: true, fresh: true });
  chromium = site.browser.version();
  await page.goto(site.address + (await hashOf(JSON.stringify(experiment))));
  await page.waitForFunction(() => window.unroll?.state()?.lanes?.every((/** @type {any} */ lane) => lane.configured));
  await page.locator('[data-action=train]').press('Enter');
  await page.locator('#canvas').focus();
  /** @type {Look[]} */ const looks = [];
  do {
    await page.waitForTimeout(400);
    const seen = await page.evaluate(look);
    if (seen) looks.push(seen);
  } while ((looks.at(-1)?.time ?? 0) < last + 0.5);
  await page.context().close();
  const passes = [
    forGood(looks, ({ loss }) => loss.lstm < loss.rnn),
    forGood(looks, ({ loss, ngram }) => loss.lstm < ngram),
  ];
  crossings.push(passes);
  const end = /** @type {Look} */ (looks.at(-1));
  console.log(`seed ${seed}: LSTM below the RNN after ${seconds(passes[0])} s, below the best n-gram (${three(end.ngram)}) after ` +
    `${seconds(passes[1])} s; ${Math.round(end.speed)} characters/s`);
  for (const moment of moments) {
    const at = looks.filter(({ time }) => time <= moment).at(-1);
    if (!at) continue;
    console.log(`  ${String(moment).padStart(3)} s  held out: RNN ${three(at.loss.rnn)}, LSTM ${three(at.loss.lstm)}   ` +
      `decisive (chance ${three(at.chance)}): RNN ${three(at.decisive.rnn)}, LSTM ${three(at.decisive.lstm)}   ` +
      `steps: RNN ${at.step.rnn}, LSTM ${at.step.lstm}`);
  }
}
await site.closeVisits();
await site.close();

const worst = [0, 1].map((which) => Math.max(...crossings.map((passes) => passes[which])));
const good = worst[0] <= wanted.rnn && worst[1] <= wanted.ngram;
console.log(`Chromium ${chromium}, ${seeds.length} seeds: the RNN is passed after ${seconds(worst[0]).trim()} s at the latest (wanted: ` +
  `${wanted.rnn}), the n-gram after ${seconds(worst[1]).trim()} s (wanted: ${wanted.ngram}): ${good ? 'good' : 'too late'}`);
process.exitCode = good ? 0 : 1;
