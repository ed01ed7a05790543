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

test("pairs of one's own: pasted, dropped, in two boxes, wrong ones told by their line; trained, they translate a typed source", async () => {
  const colours = [['red', 'rot'], ['green', 'grün'], ['blue', 'blau'], ['black', 'schwarz'], ['white', 'weiß']];
  const things = [['cat', 'Katze'], ['car', 'Auto'], ['door', 'Tür'], ['sky', 'Himmel'], ['hat', 'Hut']];
  const lines = things.flatMap(([thing, ding]) => colours.map(([colour, farbe]) => `${colour} ${thing}\t${ding} ${farbe}`));
  const playground = await Playground.open(site, { experiment: sums });
  await playground.chooseTask('pairs');
  let state = await playground.until('the pairs that are there to begin with', (state) => /^\d+ pairs/.test(state.labelled?.told ?? '') && everyLane(state, (lane) => lane.configured && lane.task === 'pairs'));
  assert.equal(state.labelled.error, null);
  await playground.page.locator('#text').fill(`${lines.join('\n')}\nno tab\n`);
  state = await playground.until('the line that is wrong', (state) => state.labelled?.error?.startsWith('line 26: has no tab'));
  await playground.drop('pairs.txt', `${lines.join('\n')}\n`);
  await playground.until('those of a file are read', (state) => state.labelled?.told === '25 pairs: a source, a tab, its target' && !state.labelled.error);
  await playground.click('labelled.Two boxes');
  await playground.shows('box0', /^red cat\ngreen cat\n/);
  await playground.shows('box1', /^Katze rot\nKatze grün\n/);
  const sources = playground.page.locator('#box0'), targets = playground.page.locator('#box1');
  await sources.fill(`${lines.map((line) => line.split('\t')[0]).join('\n')}\nred book\n`);
  await playground.until('a target is missing', (state) => state.labelled.error?.startsWith('line 26: has no target'));
  await targets.fill(`${lines.map((line) => line.split('\t')[1]).join('\n')}\nBuch rot\n`);
  state = await playground.until('both boxes are pairs', (state) =>
    state.labelled.told.startsWith('26 pairs') && !state.changed && everyLane(state, (lane) => lane.configured));
  assert.equal(state.experiment.data.text.trim().split('\n').at(-1), 'red book\tBuch rot');
  await playground.page.locator('#own').fill('Black CAT');
  await playground.click('train');
  await playground.until('a lane translates it, and the score is told', (state) =>
    state.answer?.own?.text === 'Black CAT' && state.answer.own.lanes.some((/** @type {any} */ lane) => lane?.trim() === 'katze schwarz') &&
    everyLane(state, (lane) => lane.score?.step > 0) && state.held_out?.lanes.every((/** @type {any} */ lane) => lane?.others && 'word error rate' in lane.others), 90000);
  await playground.click('train');
  await playground.untilRunning(false);
  playground.finish();
});
