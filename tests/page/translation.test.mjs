// Translations on the screen: what every lane writes beside what is right, a source of one's own, and where attention looks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const sums = {
  unroll: 1,
  data: { task: { name: 'sums', digits: 1, attention: true } },
  train: { batch: 16, rate: 0.01 },
  lanes: [{ cell: 'rnn', hidden: 16 }, { cell: 'lstm', hidden: 12 }],
};

/** @param {any} state */
const written = (state) => state.answer?.own?.lanes.every((/** @type {any} */ lane) => typeof lane === 'string');

test('a typed sum is written out by every lane, held-out ones stand beside the right ones, and attention is drawn', async () => {
  const playground = await Playground.open(site, { experiment: sums });
  let state = await playground.until('a source stands there that the settings allow, and is written out', (state) =>
    /^\d\+\d$/.test(state.answer?.own?.text ?? '') && written(state));
  await playground.page.locator('#own').fill('7+8');
  state = await playground.until('it is written out', (state) => state.answer.own.text === '7+8' && written(state));
  for (const text of state.answer.own.lanes) assert.match(text, /^\d*$/, 'digits, as far as it got');
  state = await playground.until('the example', (state) => state.timeline?.example && state.answer.lanes.every((/** @type {any} */ lane) => typeof lane?.written === 'string'));
  assert.match(state.timeline.example.reads, /\+.*→/, 'source and target are one timeline');
  assert.ok(state.timeline.example.marks.some((/** @type {any} */ mark) => mark.label === 'handed over'));
  await playground.box('own.attention0');
  await playground.click('train');
  state = await playground.until('a score of both lanes', (state) => everyLane(state, (lane) => lane.score?.step > 0), 90000);
  assert.equal(state.baselines['the rule'], 1);
  await playground.click('train');
  await playground.untilRunning(false);
  playground.finish();
});
