// Tasks other than text: chosen, set, trained to their score and looked at, by pointer and on a phone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf } from '../../web/page/hash.mjs';
import { Playground, everyLane } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const adding = {
  unroll: 1,
  data: { task: { name: 'adding', length: 10 } },
  train: { batch: 16, rate: 0.01, seed: 2 },
  lanes: [{ cell: 'rnn', hidden: 16 }, { cell: 'lstm', hidden: 12 }],
};
const parity = { ...adding, data: { task: { name: 'parity', length: 8 } } };

const scored = (/** @type {any} */ state) => everyLane(state, (lane) => lane.score?.step > 0);

test('numbers: an example with its marks, a score beside a baseline, answers, a setting that waits, another task and back', async () => {
  const playground = await Playground.open(site, { experiment: adding });
  let state = await playground.until('the example', (state) => state.timeline?.example);
  const { example } = state.timeline;
  assert.equal(example.columns, 10);
  assert.equal(example.marks.filter((/** @type {any} */ mark) => mark.needed).length, 1);
  assert.doesNotMatch(example.reads, /[a-z]/i, 'no letters where there are numbers');

  await playground.click('train');
  state = await playground.until('a score of both lanes', scored, 90000);
  assert.ok(Object.keys(state.baselines).length > 0);
  await playground.click('train');
  await playground.untilRunning(false);
  await playground.click('curves.show.Score');
  await playground.until('the score is shown', (state) => state.curves.shown === 'Score');
  state = await playground.until('answers', (state) => state.answer?.lanes.every((/** @type {any} */ lane) => lane?.asked === 1));
  assert.equal(typeof state.answer.right[0], 'number');

  await playground.click('answer.next');
  const { timeline } = await playground.until('the next example', (state) => state.timeline.example?.number === example.number + 1);
  assert.notEqual(timeline.example.reads, example.reads);

  await playground.click('task.length.plus');
  await playground.until('the length waits for a restart', (state) => state.changed);
  await playground.click('undo-changes');
  state = await playground.until('undone', (state) => !state.changed);
  assert.deepEqual(state.experiment.data.task, adding.data.task);

  await playground.click('tasks');
  await playground.click('tasks.parity');
  state = await playground.until('parity', (state) => everyLane(state, (lane) => lane.configured && lane.task === 'parity'));
  assert.match(state.left, /RNN 16/);
  await playground.press('come-back');
  await playground.until('adding again', (state) => everyLane(state, (lane) => lane.task === 'adding' && lane.step > 0));

  const hash = await hashOf(JSON.stringify(parity));
  await playground.page.evaluate((hash) => { location.hash = hash; }, hash);
  state = await playground.until('symbols of the address', (state) =>
    state.timeline?.example && everyLane(state, (lane) => lane.task === 'parity' && lane.configured));
  assert.match(state.timeline.example.reads, /^[01 ]+$/);
  playground.finish();
});

test('on a phone a task is set and trained to its score', async () => {
  const phone = await Playground.open(site, {
    experiment: { ...parity, view: { tab: 'text' } },
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  });
  await phone.tap('task.length.plus');
  await phone.until('a longer one', (state) =>
    state.experiment.data.task.length !== 8 && everyLane(state, (lane) => lane.configured));
  await phone.tap('train');
  await phone.until('a score', scored, 90000);
  phone.finish();
});
