// The view "Weights": blocks and their norms, one matrix in full, the spectrum and the gradient check.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { readCsv, readPng, save } from './saved.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const steps = 40;
const experiment = {
  unroll: 1,
  data: { text: 'the quick brown fox, "the lazy dog".\n'.repeat(60), valid: 0.1 },
  train: { batch: 4, seq_length: 16, rate: 0.01, steps, seed: 5 },
  lanes: [{ cell: 'rnn', hidden: 16 }, { cell: 'lstm', hidden: 12 }],
  view: { tab: 'weights' },
};
const symbols = new Set(experiment.data.text).size;

/** @param {number} a @param {number} b @param {number} relative */
const near = (a, b, relative) => assert.ok(Math.abs(a - b) <= relative * Math.max(Math.abs(a), Math.abs(b)), `${a} and ${b}`);
/** @param {number[]} list */
const sum = (list) => list.reduce((sum, x) => sum + x, 0);
/** @param {number[][]} matrix */
const norm = (matrix) => Math.sqrt(sum(matrix.flat().map((x) => x * x)));

/** @param {Playground} playground */
async function trained(playground) {
  await playground.click('train');
  return playground.until('training has ended, and the view knows', (state) => !state.running &&
    everyLane(state, (lane) => lane.step === steps) && state.weights.matrix?.step === steps &&
    state.weights.blocks[0]?.ratio > 0);
}

/** @param {Playground} playground @param {string} name */
async function choose(playground, name) {
  await playground.click(`weights.block.${name}`);
  const { weights } = await playground.until(`${name} is shown`, ({ weights }) => weights.block.name === name && weights.matrix);
  return weights;
}

/** The chosen matrix as the table has it. @param {Playground} playground */
async function table(playground) {
  const { columns, rows } = readCsv((await save(playground, 'weights', 'csv')).bytes);
  return { columns, names: rows.map(([name]) => name), matrix: rows.map(([, ...row]) => row.map(Number)) };
}

/** The largest singular value, by the power method. @param {number[][]} matrix */
function singular(matrix) {
  let x = matrix[0].map((_, i) => 1 + 0.01 * i), length = 0;
  for (let i = 0; i < 500; ++i) {
    const y = matrix.map((row) => sum(row.map((w, j) => w * x[j])));
    const z = x.map((_, j) => sum(matrix.map((row, k) => row[j] * y[k])));
    length = Math.sqrt(sum(z.map((v) => v * v)));
    x = z.map((v) => v / length);
  }
  return Math.sqrt(length);
}

test('every block: shape, norm and histogram belong to the same numbers', async () => {
  const playground = await Playground.open(site, { experiment });
  await trained(playground);
  const shapes = {
    'rnn.weight_ih_l0': [16, symbols], 'rnn.weight_hh_l0': [16, 16], 'rnn.bias_ih_l0': [16, 1], 'rnn.bias_hh_l0': [16, 1],
    'decoder.weight': [symbols, 16], 'decoder.bias': [symbols, 1],
  };
  for (const [name, [rows, columns]] of Object.entries(shapes)) {
    const { block, blocks, matrix } = await choose(playground, name);
    assert.deepEqual([block.rows, block.columns], [rows, columns]);
    assert.equal(sum(matrix.histogram.counts), rows * columns);
    assert.ok(matrix.scale <= matrix.largest && matrix.largest <= matrix.histogram.reach);
    const norms = blocks.find((/** @type {any} */ one) => one.name === name);
    assert.equal(norms.size, rows * columns);
    near(Math.sqrt(rows * columns * (matrix.mean ** 2 + matrix.deviation ** 2)), norms.weights, 1e-4);
    near(norms.ratio, norms.update / norms.weights, 1e-4);
    const file = await table(playground);
    assert.deepEqual([file.matrix.length, file.matrix[0].length], [rows, columns]);
    near(norm(file.matrix), norms.weights, 1e-5);
    assert.equal(Math.fround(file.matrix[0][0]), matrix.first);
    assert.equal(Math.fround(file.matrix[rows - 1][columns - 1]), matrix.last);
  }
  playground.finish();
});

test('rows and columns are named: gates and units, characters', async () => {
  const playground = await Playground.open(site, { experiment });
  await playground.click('weights.lane.LSTM 12');
  await playground.until('the LSTM is shown', ({ weights }) => weights.lane === 1 && weights.matrix);
  const { block } = await choose(playground, 'rnn.weight_ih_l0');
  assert.deepEqual([block.rows, block.columns, block.bands], [48, symbols, 4]);
  const { columns, names } = await table(playground);
  assert.equal(columns[0], 'rnn.weight_ih_l0');
  assert.equal(columns.length, 1 + symbols);
  assert.deepEqual([columns[1], columns[2]], ['newline', 'space']);
  assert.equal(columns.at(-1), '‘z’');
  assert.deepEqual([names[0], names[13], names[47]], ['gate i of unit 0', 'gate f of unit 1', 'gate o of unit 11']);
  playground.finish();
});

test('the change since the start: nothing at step 0, then what the weights are apart', async () => {
  const playground = await Playground.open(site, { experiment });
  await playground.until('the weights are shown', ({ weights }) => weights.matrix?.initial);
  const before = await table(playground);
  const { weights } = await playground.state();
  assert.deepEqual(weights.matrix.initial.counts, weights.matrix.histogram.counts);
  await playground.click('weights.kind.change');
  const fresh = await playground.until('the change is shown', ({ weights }) => weights.change && weights.matrix);
  assert.equal(fresh.weights.matrix.largest, 0);
  assert.equal(sum(fresh.weights.matrix.histogram.counts), 256);

  const later = await trained(playground);
  assert.ok(later.weights.matrix.largest > 0);
  const change = await table(playground);
  await playground.click('weights.kind.weights');
  const { weights: now } = await playground.until('the weights are shown', ({ weights }) => !weights.change && weights.matrix?.initial);
  const after = await table(playground);
  for (const [r, row] of change.matrix.entries())
    for (const [c, value] of row.entries()) assert.ok(Math.abs(after.matrix[r][c] - before.matrix[r][c] - value) < 1e-6);
  assert.notDeepEqual(now.matrix.histogram.counts, now.matrix.initial.counts);
  assert.equal(sum(now.matrix.initial.counts), 256);
  const { reach, counts } = now.matrix.initial;
  const bins = new Array(counts.length).fill(0);
  for (const value of before.matrix.flat()) ++bins[Math.min(Math.floor((value / reach + 1) / 2 * bins.length), bins.length - 1)];
  const moved = sum(bins.map((count, bin) => Math.abs(count - counts[bin])));  // rounding at the edges
  assert.ok(moved <= 4, `${bins} and ${counts}`);
  playground.finish();
});

test('it follows the training', async () => {
  const playground = await Playground.open(site, { experiment: { ...experiment, train: { ...experiment.train, steps: 0 } } });
  await playground.click('train');
  const first = await playground.until('a matrix while it trains', (state) => state.running && state.weights.matrix?.step > 0);
  await playground.until('a newer one', (state) => state.weights.matrix.step > first.weights.matrix.step + 10);
  await playground.click('train');
  await playground.untilRunning(false);
  await playground.until('the last one', (state) => state.weights.matrix.step === state.lanes[0].step);
  playground.finish();
});

test('the spectrum of the recurrent weight is that of the numbers shown', async () => {
  const playground = await Playground.open(site, { experiment });
  const rnn = await trained(playground);
  assert.deepEqual(rnn.weights.spectrum.map((/** @type {any} */ gate) => gate.gate), ['h']);
  await playground.click('weights.lane.LSTM 12');
  await choose(playground, 'rnn.weight_hh_l0');
  const { weights } = await playground.until('the spectrum of the LSTM', ({ weights }) => weights.spectrum.length === 4);
  const { matrix } = await table(playground);
  for (const [g, { gate, singular: largest, eigenvalue }] of weights.spectrum.entries()) {
    assert.equal(gate, 'ifgo'[g]);
    near(largest, singular(matrix.slice(12 * g, 12 * (g + 1))), 1e-3);
    assert.ok(eigenvalue > 0 && eigenvalue <= largest * (1 + 1e-5));
  }
  playground.finish();
});

test('the gradient check: backward pass and finite differences agree', async () => {
  const playground = await Playground.open(site, { experiment });
  await trained(playground);
  for (const lane of ['RNN 16', 'LSTM 12']) {
    await playground.click(`weights.lane.${lane}`);
    await playground.until('not checked yet', ({ weights }) => weights.check === null);
    await playground.click('weights.check');
    const { weights: { check } } = await playground.until('it was checked', ({ weights }) => weights.check);
    assert.equal(check.step, steps);
    assert.ok(check.good && check.error < 1e-4, `error ${check.error}`);
    assert.equal(check.samples.length, 32);
    const [apart, sizes] = [check.samples.map((/** @type {any} */ s) => s[2] - s[3]), check.samples.flatMap((/** @type {any} */ s) => [s[2], s[3]])];
    assert.ok(norm([sizes]) > 0);
    assert.ok(norm([apart]) < 1e-4 * norm([sizes]));
    const { x, y } = await playground.place('weights.badge');
    await playground.page.mouse.move(x, y);
  }
  playground.finish();
});

test('over training: the curve of a block grows, and its end is the live number', async () => {
  const longer = { ...experiment, train: { ...experiment.train, batch: 16, seq_length: 64 } };  // every 8th step
  const playground = await Playground.open(site, { experiment: longer });
  const stepsOf = (/** @type {any} */ { weights }) => weights.training.recorded.map((/** @type {any} */ point) => point.step);
  const known = (/** @type {number} */ step) => playground.until(`the numbers of step ${step} are known`, (state) =>
    !state.running && everyLane(state, (lane) => lane.step === step) && state.weights.blocks_step === step &&
    stepsOf(state).at(-1) === step);
  await playground.until('the weights are shown', ({ weights }) => weights.matrix);
  assert.deepEqual(stepsOf(await playground.state()), []);
  await playground.click('step');
  assert.deepEqual(stepsOf(await known(1)), [1]);
  await playground.click('train');
  const after = await known(steps);
  assert.deepEqual(stepsOf(after), [1, 2, 4, 8, 16, 24, 32, 40]);

  const file = readCsv((await save(playground, 'weights', 'training')).bytes);
  assert.deepEqual(file.rows.map(([step]) => Number(step)), stepsOf(after));
  for (const name of after.weights.blocks.map((/** @type {any} */ block) => block.name)) {
    const { blocks, training } = await choose(playground, name);
    const live = blocks.find((/** @type {any} */ block) => block.name === name);
    const { step, ...last } = training.recorded.at(-1);
    assert.equal(step, steps);
    assert.deepEqual(last, { weights: live.weights, gradient: live.gradient, ratio: live.ratio });
    assert.deepEqual(training.last, training.recorded.at(-1));
    assert.equal(training.points, training.recorded.length);
    for (const [key, words] of [['weights', 'weights'], ['gradient', 'gradient'], ['ratio', 'update / weights']]) {
      const column = file.columns.indexOf(`${name} ${words}`);
      assert.deepEqual(file.rows.map((row) => Math.fround(Number(row[column]))), training.recorded.map((/** @type {any} */ point) => point[key]));
    }
  }
  for (const chart of ['ratio', 'gradient']) {
    const { x, y } = await playground.place(`weights.training.${chart}`);  // the middle: step 20, recorded are 16 and 24
    await playground.page.mouse.move(x - 5, y);
    const { weights: { training } } = await playground.until('a point is read', ({ weights }) => weights.training.pointed?.step === 16);
    assert.deepEqual(training.pointed, training.recorded[4]);
    await playground.page.mouse.move(1, 1);
    await playground.until('nothing is pointed at', ({ weights }) => !weights.training.pointed);
  }

  await playground.click('reset');
  await playground.until('all is forgotten', (state) => everyLane(state, (lane) => lane.step === 0) &&
    state.weights.blocks_step === 0 && state.weights.training.points === 0);
  playground.finish();
});

test('as a picture; and by keyboard', async () => {
  const playground = await Playground.open(site, { experiment });
  await trained(playground);
  const picture = readPng((await save(playground, 'weights', 'png')).bytes);
  assert.ok(picture.colours.size > 150, `${picture.colours.size} colours`);
  await choose(playground, 'rnn.weight_ih_l0');
  await playground.page.keyboard.press('ArrowDown');  // from the row that was pressed to the next one
  await playground.page.keyboard.press('Space');
  await playground.until('the next block', ({ weights }) => weights.block.name === 'rnn.weight_hh_l0' && weights.matrix);
  playground.finish();
});

for (const [name, options] of /** @type {const} */ ([
  ['a phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }],
  ['a frame of 640 pixels', { viewport: { width: 640, height: 480 } }],
]))
  test(`on ${name} nothing is cut off at the sides`, async () => {
    const playground = await Playground.open(site, { experiment, options });
    await playground.until('the weights are shown', ({ weights }) => weights.matrix);
    const widgets = await playground.page.evaluate(() => window.unroll.widgets());
    assert.ok(widgets['weights.block.rnn.weight_ih_l0']);
    for (const [id, [x, , width]] of Object.entries(widgets))
      if (id.startsWith('weights.') || id.startsWith('panel.')) assert.ok(x >= 0 && x + width <= options.viewport.width, `${id} is cut off`);
    playground.finish();
  });
