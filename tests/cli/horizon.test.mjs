// `unroll horizon` as people use it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { at, fails, unroll } from './program.mjs';

/** The measurements of a run that succeeds. @param {string[]} flags */
function measure(...flags) {
  const run = unroll('horizon', ...flags, '--json');
  assert.equal(run.status, 0, run.stderr);
  return /** @type {{ lags: number, positions: number, measurements: Record<string, any>[] }} */ (
    JSON.parse(run.stdout)
  );
}

const small = ['--parameters', '2000', '--lags', '60', '--positions', '20', '--batch', '4', '--seq-length', '16'];

test('three cells of one size, at every step asked for, measured and reproducible', () => {
  const flags = ['--example', 'recall', ...small, '--steps', '30,0', '--seeds', '1,2'];
  const { measurements, ...facts } = measure(...flags);
  assert.deepEqual(facts, { lags: 60, positions: 20 });
  assert.deepEqual(
    measurements.map(({ cell, seed, step }) => `${cell} ${seed} ${step}`),
    [1, 2].flatMap((seed) => ['rnn', 'gru', 'lstm'].flatMap((cell) => [0, 30].map((step) => `${cell} ${seed} ${step}`))),
  );
  for (const one of measurements) {
    assert.equal(one.text, 'recall');
    assert.ok(Math.abs(one.parameters - 2000) < 0.06 * 2000, `${one.cell}: ${one.parameters} parameters`);
    assert.ok(one.horizon > 0 && one.horizon <= 59, `${one.cell}: ${one.horizon}`);
    assert.equal(one.reached, one.horizon < 59);
  }
  const losses = (/** @type {number} */ step) => measurements.filter((one) => one.step === step).map((one) => one.loss);
  losses(30).forEach((loss, i) => assert.ok(loss < losses(0)[i], 'they learn'));
  assert.deepEqual(measure(...flags).measurements, measurements);
});

test('an untrained lstm with open forget gates looks further back than without', () => {
  const lstm = (/** @type {string} */ bias) =>
    measure('--example', 'copy', ...small, '--steps', '0', '--forget-bias', bias).measurements[2].horizon;
  // f ≈ σ(bias) at the start, and the gradient of c falls about as f^k: to 1% in log 0.01 / log f characters.
  assert.ok(lstm('1') > 1.5 * lstm('0'), `${lstm('0')} without, ${lstm('1')} with`);
});

test('any cells are compared: those that ship, and files', () => {
  const steps = ['memory', 'forget', 'output'].map((name) => new URL(`../../examples/cells/${name}.cell`, import.meta.url).pathname);
  const flags = ['--example', 'recall', ...small, '--steps', '0', '--cells'];
  const { measurements } = measure(...flags, ['rnn', ...steps, 'lstm'].join(','));
  assert.deepEqual(measurements.map(({ cell }) => cell), ['rnn', 'memory', 'forget', 'output', 'lstm']);
  const [rnn, memory] = measurements.map(({ horizon }) => horizon);
  assert.ok(memory > 2 * rnn, `a memory that only adds: ${memory}, without: ${rnn}`);
  fails(/--cells: found "elman" \(allowed: rnn/, 'horizon', ...flags, 'elman');
  fails(/--cells: .*memory.* stands there twice/, 'horizon', ...flags, `${steps[0]},${steps[0]}`);
  fails(/nowhere\.cell: cannot be read/, 'horizon', ...flags, 'nowhere.cell');
});

test('the table is Markdown: a row for each text and cell, median and range over the seeds', () => {
  const run = unroll('horizon', '--example', 'copy,quotes', ...small, '--steps', '0,5', '--seeds', '1,2,3');
  assert.equal(run.status, 0, run.stderr);
  const rows = run.stdout.trimEnd().split('\n').map((line) => line.split('|').map((cell) => cell.trim()).slice(1, -1));
  assert.deepEqual(rows[0], ['text', 'cell', 'hidden', 'parameters', 'horizon before', 'loss', 'horizon at 5', 'loss']);
  assert.deepEqual(rows.slice(2).map((row) => row.slice(0, 2).join(' ')),
    ['copy rnn', 'copy gru', 'copy lstm', 'quotes rnn', 'quotes gru', 'quotes lstm']);
  const { measurements } = measure('--example', 'copy', ...small, '--steps', '0,5', '--seeds', '1,2,3');
  const seeds = measurements.filter((one) => one.cell === 'rnn' && one.step === 5);
  const sorted = seeds.map((one) => one.horizon).sort((a, b) => a - b).map((value) => value.toFixed(1));
  assert.equal(rows[2][6], `${sorted[1]} (${sorted[0]} – ${sorted[2]})`);
  assert.equal(rows[2][7], seeds.map((one) => one.loss).sort((a, b) => a - b)[1].toFixed(3));
});

test('a horizon beyond the last lag is a bound, and said to be one', () => {
  const flags = ['--example', 'copy', ...small, '--steps', '0', '--lags', '3'];
  for (const one of measure(...flags).measurements) {
    assert.equal(one.reached, false);
    assert.equal(one.horizon, 2);
  }
  assert.match(unroll('horizon', ...flags).stdout, /\| copy \| lstm \| \d+ \| [\d,]+ \| ≥ 2\.0 \| \d\.\d{3} \|\n$/);
});

test('a text of one\'s own', () => {
  const file = at('own.txt');
  writeFileSync(file, 'to be or not to be, '.repeat(100));
  const [first] = measure('--text', file, ...small, '--steps', '0').measurements;
  assert.equal(first.text, file);
  fails(/own\.txt: the held-out part has 200 characters, too few for 400 lags \(give fewer --lags/, 'horizon', '--text', file);
});

test('errors say what to do', () => {
  fails(/there is no text to learn \(give --example recall/, 'horizon');
  fails(/there is no built-in text "saga"/, 'horizon', '--example', 'copy,saga', ...small, '--steps', '0');
  fails(/--lags/, 'horizon', '--example', 'copy', '--lags', '0');
  fails(/--parameters/, 'horizon', '--example', 'copy', '--parameters', '5');
  fails(/--steps/, 'horizon', '--example', 'copy', '--steps', '0,x');
  fails(/see `unroll horizon --help`/, 'horizon', '--example', 'copy', '--hidden', '5');
  fails(/--batch: found 0/, 'horizon', '--example', 'copy', '--batch', '0');
  // All texts are checked before the first is learned; what fails later leaves what was measured.
  const file = at('short.txt');
  writeFileSync(file, 'to be or not to be, '.repeat(10));
  const both = unroll('horizon', '--example', 'copy', '--text', file, ...small, '--steps', '0');
  assert.equal(both.status, 2);
  assert.match(both.stderr, /^unroll: .*short\.txt: the held-out part has 20 characters/);
  assert.equal(both.stdout, '');
  const diverges = unroll('horizon', '--example', 'copy', ...small, '--steps', '0,100', '--nonlinearity', 'relu', '--optimizer', 'sgd',
    '--rate', '10', '--weight-decay', '1', '--clip', '0');
  assert.equal(diverges.status, 2);
  assert.match(diverges.stderr, /rnn {2}seed 1, step \d+: training diverged.*try a lower --rate/);
  assert.match(diverges.stdout, /\| copy \| rnn \| \d+ \| [\d,]+ \| \S+ \| \d\.\d{3} \| {2}\| {2}\|\n$/);
  const { status, stdout } = unroll('horizon', '--help');
  assert.equal(status, 0);
  assert.match(stdout, /Examples:\n {2}unroll horizon /);
});
