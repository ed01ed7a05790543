// examples/pytorch: from the command line to PyTorch and back, on one process and on two.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCsv } from '../page/saved.mjs';
import { at, json, names, root, small, unroll } from './program.mjs';

const python = '/usr/bin/python3', scripts = join(root, 'examples', 'pytorch');
const skip = spawnSync(python, ['-c', 'import torch']).status !== 0 && 'no PyTorch at /usr/bin/python3';

/** The JSON object in the last line. @param {string} command @param {...string} flags */
function said(command, ...flags) {
  const { status, stdout, stderr } = spawnSync(command, flags, { cwd: at('.'), encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}
const evaluate = (/** @type {string[]} */ ...flags) => said(python, join(scripts, 'evaluate.py'), ...flags);
const train = (/** @type {string[]} */ ...flags) => said(python, join(scripts, 'train.py'), ...flags);
const loss = (/** @type {string} */ model) => json('eval', '--model', model, '--text', 'part.txt').nats;

/** The largest difference between what PyTorch and Unroll say, of the probability of each character that came. */
function difference(/** @type {string} */ model, /** @type {string[]} */ ...flags) {
  evaluate(model, 'part.txt', '--losses', 'losses.txt', ...flags);
  const theirs = readFileSync(at('losses.txt'), 'utf8').trimEnd().split('\n').map((line) => Math.exp(-Number(line)));
  json('eval', '--model', model, '--text', 'part.txt', '--predictions', 'p.csv');
  const { columns, rows } = readCsv(readFileSync(at('p.csv')));
  assert.equal(theirs.length, rows.length);
  return Math.max(...rows.map((row, t) => Math.abs(Number(row[columns.lastIndexOf(row[1])]) - theirs[t])));
}

/** @type {[string, string[], boolean][]} name of the cell, flags, whether PyTorch has it */
const cases = [
  ['lstm', ['--layers', '2'], true],
  ['gru', ['--embedding', '5', '--optimizer', 'rmsprop', '--rate', '0.003'], true],
  ['rnn', ['--optimizer', 'sgd', '--clip', '0.5', '--schedule', 'cosine', '--warmup', '5'], true],
  ['mlstm', ['--hidden', '8', '--optimizer', 'adamw'], false],
];

test('examples/pytorch: the same predictions, the same steps, and Unroll resumes what comes back', { skip }, () => {
  writeFileSync(at('part.txt'), readFileSync(names, 'utf8').slice(0, 400));
  for (const [cell, flags, own] of cases) {
    json(...small, '--cell', cell, ...flags, '--steps', '30', '--out', 'half.safetensors');
    /** @type {string[]} */ const module = [];
    if (!own) {
      assert.equal(unroll('export', 'half.safetensors', '--pytorch', 'cell.py').status, 0);
      module.push('--module', 'cell.py');
    }
    assert.ok(difference('half.safetensors', ...module) < 1e-6, cell);
    json('train', '--resume', 'half.safetensors', '--steps', '60', '--out', 'here.safetensors');
    assert.equal(train('half.safetensors', '--steps', '60', '--out', 'there.safetensors', ...module).steps, 60);
    assert.ok(Math.abs(loss('here.safetensors') - loss('there.safetensors')) < 2e-5, `${cell}: ${loss('here.safetensors')} here, ${loss('there.safetensors')} there`);
    assert.ok(difference('there.safetensors', ...module) < 1e-6, cell);
    json('train', '--resume', 'here.safetensors', '--steps', '70', '--out', 'here2.safetensors');
    assert.equal(json('train', '--resume', 'there.safetensors', '--steps', '70', '--out', 'there2.safetensors').steps, 70);
    assert.ok(Math.abs(loss('here2.safetensors') - loss('there2.safetensors')) < 2e-5, `${cell}, resumed`);
  }
});

test('examples/pytorch: two processes of torchrun do the steps of one', { skip: skip || (spawnSync('torchrun', ['--help']).status !== 0 && 'no torchrun') }, () => {
  writeFileSync(at('part.txt'), readFileSync(names, 'utf8').slice(0, 400));
  json(...small, '--cell', 'lstm', '--steps', '30', '--out', 'one.safetensors');
  train('one.safetensors', '--steps', '45', '--out', 'alone.safetensors');
  // -r and -t: see examples/pytorch/README.md; an address of their own, so that several tests can run at once.
  const told = said('torchrun', '-r', '2', '-t', '2', '--log_dir', at('logs'), '--rdzv_backend', 'c10d', '--rdzv_endpoint', 'localhost:0', '--nproc_per_node', '2',
    join(scripts, 'train.py'), 'one.safetensors', '--steps', '45', '--out', 'two.safetensors');
  assert.deepEqual([told.processes, told.steps], [2, 45]);
  assert.ok(Math.abs(loss('alone.safetensors') - loss('two.safetensors')) < 2e-5);
  json('train', '--resume', 'alone.safetensors', '--steps', '55', '--out', 'alone2.safetensors');
  json('train', '--resume', 'two.safetensors', '--steps', '55', '--out', 'two2.safetensors');
  assert.ok(Math.abs(loss('alone2.safetensors') - loss('two2.safetensors')) < 2e-5, 'the states of all streams came back');
});

test('examples/pytorch: what cannot be done is told', { skip }, () => {
  json(...small, '--cell', 'mlstm', '--hidden', '8', '--steps', '2', '--out', 'm.safetensors');
  const refused = spawnSync(python, [join(scripts, 'evaluate.py'), 'm.safetensors', 'part.txt'], { cwd: at('.'), encoding: 'utf8' });
  assert.match(refused.stderr, /its cell is mlstm, which PyTorch does not have: write it with\n {2}unroll export m\.safetensors --pytorch cell\.py/);
  json(...small, '--cell', 'lstm', '--steps', '2', '--out', 'd.safetensors');
  const done = spawnSync(python, [join(scripts, 'train.py'), 'd.safetensors', '--steps', '2', '--out', 'e.safetensors'], { cwd: at('.'), encoding: 'utf8' });
  assert.match(done.stderr, /has 2 steps already/);
  assert.ok(!existsSync(at('e.safetensors')));
});
