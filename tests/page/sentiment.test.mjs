// Sentences with a verdict on the screen: one that is typed, the mind of every lane after each of its words, how often they are
// right; and sentences of one's own, as lines or in two boxes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const negation = {
  unroll: 1,
  data: { task: { name: 'negation', distance: 2 } },
  train: { batch: 16, seq_length: 32, rate: 0.01 },
  lanes: [{ cell: 'rnn', hidden: 16, embedding: 8 }, { cell: 'lstm', hidden: 12, embedding: 8 }],
};

/** Every lane has read the sentence of the field. @param {any} state */
const read = (state) => state.answer?.own?.lanes.every((/** @type {any} */ lane) => lane?.words.length > 0);

test('a typed sentence is judged after each word by every lane, unknown words too; the score stands with its interval and confusion', async () => {
  const playground = await Playground.open(site, { experiment: negation });
  const first = await playground.until('the sentence that stands there', read);
  assert.match(first.answer.own.text, /\bbut\b/);
  await playground.page.locator('#own').fill('the soup was never purple but the room was always warm');
  const { answer } = await playground.until('the typed one', (state) => read(state) && state.answer.own.lanes[0].words[4] === 'purple');
  for (const { words, second, verdict } of answer.own.lanes) {
    assert.equal(words.length, 11);
    assert.equal(second.length, 11);
    for (const share of second) assert.ok(share >= 0 && share <= 1);
    assert.match(verdict, /^(good|bad), \d+%$/);
    assert.equal(verdict.startsWith('good'), second[10] > 0.5);
  }
  await playground.click('train');
  await playground.until('a score', (state) => everyLane(state, (lane) => lane.score?.step > 0), 90000);
  const learned = await playground.until('another mind', (state) =>
    read(state) && state.answer.own.lanes[0].second.some((/** @type {number} */ share, /** @type {number} */ t) => Math.abs(share - answer.own.lanes[0].second[t]) > 0.02));
  assert.equal(learned.answer.own.lanes[0].words[4], 'purple');
  await playground.click('train');
  await playground.untilRunning(false);
  const { held_out } = await playground.until('the held-out part', (state) => state.held_out?.lanes.every((/** @type {any} */ lane) => lane));
  for (const { accuracy, others } of held_out.lanes) {
    const at = (/** @type {string} */ name) => others[name];
    assert.ok(at('at least, with 95%') < accuracy && accuracy < at('at most, with 95%'));
    const cells = ['bad, seen as such', 'bad, taken for good', 'good, seen as such', 'good, taken for bad'].map(at);
    assert.ok(Math.abs(cells.reduce((sum, cell) => sum + cell) - 1) < 1e-6);
    assert.ok(Math.abs(cells[0] + cells[2] - accuracy) < 1e-6);
  }
  assert.equal(learned.baselines['naive Bayes, words'], 0.5);
  playground.finish();
});

test('on a phone a sentence is typed, too', async () => {
  const playground = await Playground.open(site, {
    experiment: { ...negation, view: { tab: 'predict' } },
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  });
  await playground.until('the sentence that stands there', read);
  await playground.page.locator('#own').fill('the film was never good');
  await playground.until('the typed one', (state) => read(state) && state.answer.own.lanes.every((/** @type {any} */ lane) => lane.words.length === 5));
  playground.finish();
});

test("sentences of one's own: lines with a label, what was recognised in them, and two boxes that say the same", async () => {
  const lines = Array.from({ length: 30 }, (_, i) => `${i % 2 ? 'pos' : 'neg'}\tthis is ${i % 2 ? 'fine' : 'poor'} number ${i}`).join('\n');
  const playground = await Playground.open(site, {
    experiment: { ...negation, data: { text: lines, valid: 0.2, task: { name: 'sentiment', least: 1 } } },
  });
  await playground.until('both labels', (state) => state.labelled?.told.includes('30 sentences') && everyLane(state, (lane) => lane.vocabulary === 'neg pos '));
  await playground.click('labelled.Two boxes');
  const good = playground.page.locator('#box1'), bad = playground.page.locator('#box0');
  await playground.shows('box1', /^this is fine number 1\n/);
  await good.fill('lovely\nfine\nsplendid\nwarm\n');
  await bad.fill('poor\nstale\ndull\ncold\n');
  const { experiment } = await playground.until('the text of the boxes', (state) => state.experiment.data.text.includes('neg\tcold'));
  assert.equal(experiment.data.text, 'neg\tpoor\nneg\tstale\nneg\tdull\nneg\tcold\npos\tlovely\npos\tfine\npos\tsplendid\npos\twarm\n');
  await playground.until('they are learned', (state) => !state.changed && everyLane(state, (lane) => lane.configured));
  playground.finish();
});

test('the labelled sentences are fetched when their task is chosen, not before; who made them is said', async () => {
  const playground = await Playground.open(site, { experiment: negation });
  const fetched = () => playground.page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => /reviews/.test(name)));
  assert.deepEqual(await fetched(), []);
  await playground.click('tasks');
  await playground.click('tasks.sentiment');
  const { experiment, labelled } = await playground.until('the sentences', (state) =>
    state.labelled?.told.startsWith('3000 sentences') && everyLane(state, (lane) => lane.configured && lane.task === 'sentiment'));
  assert.equal(experiment.data.example, 'reviews', 'a link names them, and does not hold them');
  assert.equal(labelled.error, null);
  assert.equal((await fetched()).length, 1);
  await playground.click('notice');
  await playground.drawn(3);
  await playground.page.waitForFunction(() => performance.getEntriesByType('resource').some((entry) => /reviews-notice/.test(entry.name)));
  playground.finish();
});
