// The rows of docs/tasks.md in a browser tab: each task with five seeds in the built site, until its score is reached or
// its steps are done. One lane at a time, so that each has a core to itself.
//
//   node tests/bench/tasks_in_tab.mjs [ROW…]     rows whose name begins with one of these; all without
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { root } from '../browser.mjs';
import { openSite } from '../page/site.mjs';
import { Playground } from '../page/playground.mjs';
import { median } from './median.mjs';

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {Record<string, any>} task `data.task`
 * @property {Record<string, any>} [data] what stands beside it
 * @property {Record<string, any>} lane
 * @property {Record<string, any>} train
 * @property {string} [measure] one of the score's others, instead of the score
 * @property {number} [reach] what ends it, of the score or the measure
 * @property {boolean} [higher] `reach` is a lower bound of the measure; of a score the task says which way is better
 */
/** @type {Row[]} */
const rows = [
  { name: 'order', task: { name: 'temporal_order', length: 100 }, lane: { cell: 'lstm', hidden: 32, chrono: 100 }, train: { rate: 0.01, steps: 1000 } },
  { name: 'parity', task: { name: 'parity' }, lane: { cell: 'lstm', hidden: 32 }, train: { rate: 0.01, steps: 2000 }, reach: 0.999 },
  { name: 'parity mingru', task: { name: 'parity' }, lane: { cell: 'mingru', hidden: 32 }, train: { rate: 0.01, steps: 2000 } },
  { name: 'adding gru', task: { name: 'adding', length: 200 }, lane: { cell: 'gru', hidden: 32 }, train: { rate: 0.01, steps: 6000 }, reach: 0.01 },
  { name: 'adding lstm', task: { name: 'adding', length: 200 }, lane: { cell: 'lstm', hidden: 32, chrono: 200 }, train: { rate: 0.01, steps: 6000 }, reach: 0.01 },
  { name: 'adding rnn', task: { name: 'adding', length: 200 }, lane: { cell: 'rnn', hidden: 64 }, train: { rate: 0.001, steps: 2000 } },
  { name: 'copying', task: { name: 'copying' }, lane: { cell: 'lstm', hidden: 64, chrono: 70 }, train: { rate: 0.005, steps: 8000 }, reach: 0.14 },
  { name: 'digits', task: { name: 'digits' }, lane: { cell: 'lstm', hidden: 64 }, train: { rate: 0.005, schedule: 'cosine', steps: 4000 } },
  { name: 'reber', task: { name: 'reber' }, lane: { cell: 'lstm', hidden: 16 }, train: { rate: 0.01, schedule: 'cosine', steps: 3000 } },
  { name: 'negation lstm', task: { name: 'negation' }, lane: { cell: 'lstm', hidden: 48, embedding: 32 }, train: { steps: 1000 } },
  { name: 'negation rnn', task: { name: 'negation' }, lane: { cell: 'rnn', hidden: 96, embedding: 32 }, train: { steps: 1000 } },
  { name: 'reviews', task: { name: 'sentiment', dropout: 0.5 }, data: { example: 'reviews', valid: 0.2 }, lane: { cell: 'lstm', hidden: 32, embedding: 32 },
    train: { batch: 16, optimizer: 'adamw', weight_decay: 0.3, steps: 1500 } },
  { name: 'sums', task: { name: 'sums', reversed: true }, lane: { cell: 'lstm', hidden: 128 }, train: { batch: 64, rate: 0.003, schedule: 'cosine', steps: 10000 }, reach: 0.95 },
  { name: 'pen', task: { name: 'pen' }, lane: { cell: 'lstm', hidden: 64, layers: 2 }, train: { rate: 0.005, steps: 3000 }, reach: 0.97 },
  { name: 'words', task: { name: 'words' }, lane: { cell: 'lstm', hidden: 96, layers: 2, dropout: 0.2 }, train: { batch: 16, rate: 0.004, steps: 3000 }, reach: 0.25 },
  { name: 'writing lstm', task: { name: 'writing' }, lane: { cell: 'lstm', hidden: 96 }, train: { rate: 0.005, steps: 6000 }, reach: 0.8 },
  { name: 'writing rnn', task: { name: 'writing' }, lane: { cell: 'rnn', hidden: 128 }, train: { rate: 0.002, steps: 6000 }, reach: 0.8 },
  { name: 'spoken', task: { name: 'spoken' }, data: { text: readFileSync(`${root}/examples/spoken-digits.sounds`, 'utf8'), valid: 0.25 }, lane: { cell: 'gru', hidden: 64 }, train: { batch: 16, rate: 0.004, steps: 1000 }, reach: 0.95 },
  { name: 'strings', task: { name: 'strings' }, data: { example: 'strings', valid: 0.25 }, lane: { cell: 'gru', hidden: 96 }, train: { batch: 16, rate: 0.004, steps: 1000 }, reach: 0.05 },
  { name: 'demand', task: { name: 'series', series: 'demand' }, lane: { cell: 'lstm', hidden: 32 }, train: { batch: 8, seq_length: 48, steps: 400 } },
  { name: 'airline', task: { name: 'series', series: 'airline' }, lane: { cell: 'lstm', hidden: 16 }, train: { batch: 8, seq_length: 48, steps: 50 } },
  { name: 'sunspots', task: { name: 'series', series: 'sunspots' }, lane: { cell: 'lstm', hidden: 8 }, train: { batch: 8, seq_length: 16, steps: 350 }, measure: 'RMSE' },
  { name: 'recall lstm', task: { name: 'text' }, data: { example: 'recall' }, lane: { cell: 'lstm', hidden: 128 },
    train: { batch: 16, rate: 0.006, steps: 8000 }, measure: 'decisive right', reach: 0.95, higher: true },
  { name: 'recall rnn', task: { name: 'text' }, data: { example: 'recall' }, lane: { cell: 'rnn', hidden: 256 },
    train: { batch: 16, rate: 0.002, steps: 8000 }, measure: 'decisive right', reach: 0.95, higher: true },
];
const { positionals } = parseArgs({ allowPositionals: true });
const digits = (/** @type {number} */ number) => Number(number.toPrecision(4));

/** @param {import('../page/site.mjs').Site} site @param {Row} row @param {number} seed */
async function run(site, row, seed) {
  const playground = await Playground.open(site, {
    fresh: true,
    experiment: { unroll: 1, data: { ...row.data, task: row.task }, train: { batch: 32, clip: 1, ...row.train, seed }, lanes: [row.lane] },
  });
  await playground.press('train');
  /** @type {number|undefined} */ let reached;
  let [lane] = (await playground.state()).lanes;
  if (lane.task !== row.task.name) throw new Error(`${row.name}: the page refused it`);
  // Done: the steps are, and the score is of the last one.
  const told = () => (row.measure ? lane.score?.others[row.measure] : lane.score?.value);
  for (; !(lane.step >= row.train.steps && lane.score?.step === lane.step && !lane.running); [lane] = (await playground.state()).lanes) {
    const higher = row.higher ?? lane.score?.better === 'higher';
    if (row.reach !== undefined && lane.score && (higher ? told() >= row.reach : told() < row.reach)) {
      reached = lane.seconds;
      break;
    }
    await playground.page.waitForTimeout(100);
  }
  const answer = { score: told(), step: lane.step, seconds: lane.seconds, reached, baselines: (await playground.state()).baselines };
  await playground.page.context().close();
  return answer;
}

const site = await openSite();
for (const row of rows.filter(({ name }) => !positionals.length || positionals.some((word) => name.startsWith(word)))) {
  const runs = [];
  for (const seed of [1, 2, 3, 4, 5]) runs.push(await run(site, row, seed));
  const scores = runs.map(({ score }) => score);
  const seconds = runs.map((one) => one.seconds);
  const reached = row.reach === undefined ? '' : `, ${runs.filter((one) => one.reached !== undefined).length} of 5 reach ${row.reach}`;
  console.log(`${row.name}: ${row.measure ?? 'score'} ${digits(median(scores))} (${digits(Math.min(...scores))} – ${digits(Math.max(...scores))})${reached}, ` +
    `${digits(median(seconds))} s of training (${digits(Math.min(...seconds))} – ${digits(Math.max(...seconds))}), ` +
    `steps ${runs.map(({ step }) => step).join(' ')}; without a network: ${JSON.stringify(runs[0].baselines)}`);
}
await site.close();
