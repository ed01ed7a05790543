// Texts without end: the first visit trains on one and shows what memory decides; a sample stands in the field of the text,
// and whoever types into it has a text of their own; links, checkpoints and tables; on a phone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonOf } from '../../web/page/hash.mjs';
import { until } from './display.mjs';
import { Playground, everyLane } from './playground.mjs';
import { checkpoint, readCsv, save } from './saved.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const small = {
  unroll: 1,
  data: { example: 'recall' },
  train: { batch: 8, seq_length: 32, rate: 0.01, seed: 2 },
  lanes: [{ cell: 'rnn', hidden: 16 }, { cell: 'lstm', hidden: 12 }],
};
const decided = (/** @type {any} */ state) => everyLane(state, (lane) => Number.isFinite(lane.score?.others['decisive loss']));

test('the first visit: a text without end, opened where it is decided, and the decisive loss beside its chance', async () => {
  const playground = await Playground.open(site);
  let state = await playground.until('baselines, predictions and a probe', (state) => state.baselines &&
    everyLane(state, (lane) => lane.prediction.top.length > 0 && lane.probe.losses.length > 0));
  assert.deepEqual([state.text.endless, state.text.error], [true, null]);
  assert.deepEqual(state.experiment.data, { example: 'tale' });
  assert.deepEqual(state.curves, { pictures: ['Loss', 'Decisive loss', 'Decisive right'], shown: 'Decisive loss' });
  assert.match(state.probe_text, /who has my teapot.*dabeo, $/s);
  assert.equal(state.prefix, 'Once there was a baker called Clara. ');
  assert.ok(state.baselines.chance > 1 && state.baselines.bigram > state.baselines['8-gram']);

  await playground.click('train');
  state = await playground.until('what memory decides is measured', decided);
  assert.equal(state.curves.shown, 'Decisive loss');
  await playground.click('train');
  state = await playground.untilRunning(false);
  await playground.says(/Decisive loss in nats, by chance \d\.\d+: RNN 256 \d\.\d+, LSTM 128 \d\.\d+/);
  assert.ok(everyLane(state, (lane) => lane.epoch === 0 && !lane.memorises));
  const { columns, rows } = readCsv((await save(playground, 'curves', 'csv')).bytes);
  assert.deepEqual(columns, ['step', 'RNN 256 decisive loss', 'LSTM 128 decisive loss', 'chance']);
  assert.ok(rows.length > 0 && rows.every((row) => Number(row[3]) === state.baselines.chance));
  await playground.click('curves.show.Loss');
  await playground.until('the loss is chosen', (state) => state.curves.shown === 'Loss');
  playground.finish();
});

test('recall from the menu: a sample in the field, no text in the link; typing makes it one of one\'s own, undo brings it back', async () => {
  const playground = await Playground.open(site, { experiment: { ...small, data: { example: 'verse' } } });
  const { page } = playground;
  const recalled = (/** @type {any} */ state) => state.text.endless && state.experiment.data.example === 'recall' && !state.changed &&
    everyLane(state, (lane) => lane.configured && lane.vocabulary.length === 12);
  await playground.click('examples');
  await playground.click('example.recall');
  let state = await playground.until('recall is learned', recalled);
  await playground.shows('text', /^[a-h]\{\.+\}[a-h]\n[a-h]\{/);
  assert.equal((await page.locator('#text').inputValue()).length, 2000);
  assert.match(state.probe_text, /h\{\.+\}$/);
  assert.match(state.prefix, /\{\.+\}$/);
  await until('the link names it', async () => {
    const link = JSON.parse((await jsonOf(await page.evaluate(() => location.hash))) ?? '{}');
    return link.data?.example === 'recall' && link.data.text === undefined;
  });

  await page.locator('#text').focus();
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText('xyz');
  state = await playground.until('it is a text of one\'s own', (state) => !state.text.endless && state.text.characters === 2003 &&
    everyLane(state, (lane) => lane.configured && lane.vocabulary.includes('x')));
  assert.match(state.experiment.data.text, /\{\.+.*xyz$/s);
  assert.equal(state.experiment.data.example, undefined);
  assert.equal(state.curves.shown, 'Loss');

  await playground.click('examples');
  await playground.click('example.recall');
  await playground.until('endless again', recalled);
  await playground.click('train');
  await playground.until('some steps', (state) => everyLane(state, (lane) => lane.step > 5));
  await playground.click('train');
  await playground.untilRunning(false);
  await page.locator('#text').fill('my own words, '.repeat(20));
  await playground.until('the change waits', (state) => state.changed && state.text.characters === 280);
  await playground.click('undo-changes');
  state = await playground.until('undone', (state) => !state.changed && state.text.endless);
  assert.ok(everyLane(state, (lane) => lane.step > 5), 'nothing that was learned is lost');
  await playground.shows('text', /^[a-h]\{\.+\}[a-h]\n/);
  playground.finish();
});

test('a document with a text of its own keeps it; one that names a text without end opens it, and so does its checkpoint', async () => {
  const text = 'a{.....}a\nb{..}b\n'.repeat(30);
  const own = await Playground.open(site, { experiment: { ...small, data: { text } } });
  const state = await own.state();
  assert.deepEqual([state.experiment.data.text, state.text.endless], [text, false]);
  own.finish();

  const playground = await Playground.open(site, { experiment: { ...small, train: { ...small.train, steps: 10 } }, options: { viewport: { width: 1280, height: 1200 } } });
  await playground.press('train');
  await playground.until('10 steps', (state) => !state.running && everyLane(state, (lane) => lane.step === 10));
  const file = await checkpoint(playground, 1);
  await playground.drop('recall.safetensors', file);
  const three = await playground.until('it is a lane', ({ lanes }) => lanes.length === 3 && lanes[2].configured);
  assert.deepEqual([three.lanes[2].step, three.lanes[2].own, three.problems], [10, null, []]);
  playground.finish();
});

test('on a phone: the sample is within the screen, and the decisive loss is what is seen first', async () => {
  const phone = await Playground.open(site, {
    experiment: { ...small, view: { tab: 'text' } },
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  });
  await phone.shows('text', /^[a-h]\{/);
  const field = await phone.page.locator('#text').boundingBox();
  assert.ok(field && field.x >= 0 && field.x + field.width <= 390 && field.height > 60, JSON.stringify(field));
  await phone.tap('examples');
  await phone.tap('example.copy');
  await phone.until('copy', (state) => state.experiment.data.example === 'copy' && everyLane(state, (lane) => lane.configured));
  await phone.shows('text', /^[a-f]+\|[a-f]+\n/);
  await phone.tap('train');
  const state = await phone.until('what memory decides is measured', decided);
  assert.equal(state.curves.shown, 'Decisive loss');
  phone.finish();
});
