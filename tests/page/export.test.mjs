// Saving what a card shows: as a picture of the card, and as a table of the numbers behind it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { readCsv, readPng, save } from './saved.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const experiment = {
  unroll: 1,
  data: { text: 'one, two; "three"\n'.repeat(80), valid: 0.1 },
  train: { batch: 2, seq_length: 16, steps: 60, seed: 4 },
  lanes: [{ cell: 'rnn', hidden: 12 }, { cell: 'gru', hidden: 8 }, { cell: 'gru', hidden: 8 }],
};

/** @param {import('./site.mjs').Wishes} [wishes] */
async function trained(wishes) {
  const playground = await Playground.open(site, { experiment, ...wishes });
  await playground.click('train');
  const state = await playground.until('training has ended', (state) => !state.running && state.step === 60 &&
    everyLane(state, (lane) => lane.valid.length > 0 && lane.prediction.step === 60));
  return { playground, state };
}

test('the curves as a table: every step of every lane', async () => {
  const { playground, state } = await trained();
  const { name, bytes } = await save(playground, 'curves', 'csv');
  assert.equal(name, 'unroll-curves-step-60.csv');
  const { columns, rows } = readCsv(bytes);
  assert.deepEqual(columns, ['step', ...['RNN 12', 'GRU 8', 'GRU 8 (2)'].flatMap((lane) =>
    ['train', 'train smoothed', 'valid'].map((what) => `${lane} ${what} (nats)`))]);
  for (const [index, lane] of state.lanes.entries()) {
    const { steps, losses } = lane.history;
    assert.equal(steps.length, 60);
    for (const [i, step] of steps.entries()) {
      const row = rows.find((row) => row[0] === String(step)) ?? assert.fail(`step ${step} is missing`);
      assert.equal(Math.fround(Number(row[1 + 3 * index])), losses[i]);
    }
    const last = rows.at(-1) ?? [];
    assert.equal(last[0], '60');
    assert.equal(Math.fround(Number(last[2 + 3 * index])), lane.smooth);
    for (const [step, loss] of lane.valid)
      assert.equal(Math.fround(Number(rows.find((row) => row[0] === String(step))?.[3 + 3 * index])), loss);
  }
  playground.finish();
});

test('the predictions as a table: quotes, commas and line breaks are characters like all others', async () => {
  const { playground, state } = await trained();
  const { columns, rows } = readCsv((await save(playground, 'predict', 'csv')).bytes);
  assert.deepEqual(columns, ['character', ...['RNN 12', 'GRU 8', 'GRU 8 (2)'].map((lane) => `${lane} probability`)]);
  assert.deepEqual(rows.map(([symbol]) => symbol), [...state.lanes[0].vocabulary]);
  for (const [index, lane] of state.lanes.entries()) {
    const sum = rows.reduce((sum, row) => sum + Number(row[1 + index]), 0);
    assert.ok(Math.abs(sum - 1) < 1e-4, `the probabilities sum to ${sum}`);
    for (const [symbol, probability] of lane.prediction.top)
      assert.equal(Math.fround(Number(rows.find((row) => row[0] === symbol)?.[1 + index])), probability);
  }
  playground.finish();
});

test('what was written, as text', async () => {
  const lanes = [{ cell: 'gru', hidden: 64 }, { cell: 'gru', hidden: 64 }];
  const playground = await Playground.open(site, { experiment: { ...experiment, lanes, train: { batch: 16, seq_length: 64 } } });
  await playground.click('train');
  await playground.until('they have written', (state) => everyLane(state, (lane) => lane.written.length > 30));
  await playground.click('train');
  const state = await playground.untilRunning(false);
  const { name, bytes } = await save(playground, 'samples', 'txt');
  assert.equal(name, `unroll-samples-step-${state.step}.txt`);
  const text = bytes.toString('utf8');
  for (const lane of ['GRU 64', 'GRU 64 (2)']) assert.match(text, new RegExp(`^--- ${lane.replace(/[()]/g, '\\$&')}, step \\d+$`, 'm'));
  assert.ok(text.replace(/\n--- .*\n/g, '').includes(state.lanes[0].written.slice(-10)));
  playground.finish();
});

for (const deviceScaleFactor of [1, 2, 1.5])
  test(`a card as a picture, ${deviceScaleFactor} pixels a unit`, async () => {
    const { playground } = await trained({ options: { deviceScaleFactor } });
    for (const panel of ['curves', 'predict']) {
      const { name, bytes } = await save(playground, panel, 'png');
      assert.equal(name, `unroll-${panel}-step-60.png`);
      const [, , width, height] = await playground.page.evaluate((id) => window.unroll.widgets()[id], `panel.${panel}`);
      const picture = readPng(bytes);
      for (const [pixels, units] of [[picture.width, width], [picture.height, height]])  // units are rounded
        assert.ok(Math.abs(pixels - units * deviceScaleFactor) <= deviceScaleFactor, `${pixels} pixels, ${units} units`);
      assert.ok(picture.colours.size > 100, `${picture.colours.size} colours`);
      const card = picture.colours.get(0xffffff) ?? 0;
      assert.ok(card > 0.3 * picture.width * picture.height, 'the surface of the card');
      assert.ok(bytes.length < picture.width * picture.height, `${bytes.length} bytes`);
      const decoded = await playground.page.evaluate(async (base64) => {
        const raw = Uint8Array.from(atob(base64), (symbol) => symbol.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([raw], { type: 'image/png' }));
        return [bitmap.width, bitmap.height];
      }, bytes.toString('base64'));
      assert.deepEqual(decoded, [picture.width, picture.height]);
    }
    playground.finish();
  });
