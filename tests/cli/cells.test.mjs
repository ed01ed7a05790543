// Cells on the command line: listed, printed, checked, trained from a file.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { at, fails, json, root, small, unroll } from './program.mjs';

const mine = `cell mine "Coupled, with a peephole"
state c, h
f = sigmoid(lin(x) + lin(h[t-1]) + diag(c[t-1]))
c = f * c[t-1] + (1 - f) * tanh(lin(x) + lin(h[t-1]))
h = sigmoid(lin(x) + diag(c)) * tanh(c)
`;

test('cells: those that ship, a line each; one as its file', () => {
  const { status, stdout } = unroll('cells');
  assert.equal(status, 0);
  assert.match(stdout, /^rnn {2,}\S.*\n/);
  for (const cell of ['lstm', 'gru', 'peephole', 'slstm', 'mlstm', 'lru']) assert.match(stdout, new RegExp(`^${cell} {2,}\\p{L}.*$`, 'mu'));
  assert.equal(unroll('cells', 'lstm').stdout, readFileSync(`${root}/engine/cells/shipped/lstm.cell`, 'utf8'));
  const none = unroll('cells', 'elman');
  assert.equal(none.status, 2);
  assert.match(none.stderr, /"elman": is no cell that ships \(`unroll cells` lists them\)/);
});

test('check: every shipped cell is sound, and its derivatives are those of finite differences', () => {
  for (const line of unroll('cells').stdout.trimEnd().split('\n')) {
    const name = line.split(' ')[0];
    const { status, stdout, stderr } = unroll('check', '--cell', name);
    assert.equal(status, 0, `${name}: ${stderr}`);
    assert.match(stdout, /^parameters {2}[\d,]+ in a layer of H = 128 units/m);
    const error = Number(/^gradient .* ([\d.e-]+) relative, of \d+ parameters$/m.exec(stdout)?.[1]);
    assert.ok(error > 0 && error < 1e-6, `${name}: ${error}`);
  }
  const { stdout } = unroll('check', '--cell', 'lstm', '--hidden', '10');
  assert.match(stdout, /^states {6}c, h\nequations {3}i, f, g, o, c, h\ntensors {5}weight_ih \(4H × I\), weight_hh \(4H × H\), bias_ih \(4H\), bias_hh \(4H\)$/m);
  assert.match(stdout, /^parameters {2}880 in a layer of H = 10 units over one of I = 10$/m);
});

test('check: a mistake is told with its line and a mark below its place', () => {
  writeFileSync(at('wrong.cell'), mine.replace('diag(c)', 'diag(cc)').replace('state c, h', 'state c, h, k'));
  const { status, stdout, stderr } = unroll('check', '--cell', 'wrong.cell');
  assert.equal(status, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /unroll: wrong\.cell, line 2, column 13: .*k.*\n {2}state c, h, k\n {14}\^\n/);
  assert.match(stderr, /unroll: wrong\.cell, line 5, column 27: .*cc.*\n {2}h = sigmoid\(lin\(x\) \+ diag\(cc\)\) \* tanh\(c\)\n {28}\^\^\n/);
  assert.match(unroll('check', '--cell', 'nowhere.cell').stderr, /nowhere\.cell: cannot be read/);
  writeFileSync(at('low.cell'), 'cell low ""\nstate h\nh = tanh(log(sigmoid(lin(x)) - 2) + lin(h[t-1]))\n');
  assert.match(unroll('check', '--cell', 'low.cell').stderr, /equation h: gives a number that is not finite/);
  assert.match(unroll('check', '--cell', 'slstm', '--hidden', '7').stderr, /--hidden: found 7 \(.*multiples of/);
});

test('train: a cell of one’s own from its file; the checkpoint carries it', () => {
  writeFileSync(at('mine.cell'), mine);
  const result = json(...small, '--cell', 'mine.cell', '--steps', '120', '--out', 'mine.safetensors');
  assert.equal(result.cell, 'mine');
  assert.ok(result.valid_loss < result.baselines.unigram, JSON.stringify(result));
  const same = json(...small, '--cell', 'mine.cell', '--steps', '120');
  assert.equal(same.valid_loss, result.valid_loss);
  assert.match(unroll('sample', '--model', 'mine.safetensors', '--length', '20').stdout, /\S/);
  const more = json('train', '--resume', 'mine.safetensors', '--steps', '130');
  assert.equal(more.steps, 130);
});

test('train: what is wrong with --cell', () => {
  writeFileSync(at('bad.cell'), 'cell bad ""\nstate h\nh = tanh(lin(y))\n');
  fails(/bad\.cell, line 3, column 14: .*y/, ...small, '--cell', 'bad.cell');
  writeFileSync(at('lstm.cell'), mine.replace('cell mine', 'cell lstm'));
  fails(/lstm\.cell: its name is lstm, as of the cell that ships.*give it another name/, ...small, '--cell', 'lstm.cell');
  fails(/missing\.cell: cannot be read/, ...small, '--cell', 'missing.cell');
  fails(/--out mine\.cell: is the same file as --cell mine\.cell/, ...small, '--cell', 'mine.cell', '--out', 'mine.cell');
});
