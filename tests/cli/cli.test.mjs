// The `unroll` program as people use it. (How it ends: stopping.test.mjs; files: files.test.mjs; limits: limits.test.mjs.)
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { at, fails, json, names, root, small, unroll } from './program.mjs';

test('help and version', () => {
  assert.match(unroll('--version').stdout, /^unroll \d+\.\d+\.\d+\n$/);
  for (const command of [[], ['train'], ['sample'], ['eval']]) {
    const { status, stdout } = unroll(...command, '--help');
    assert.equal(status, 0);
    assert.match(stdout, /Examples:\n {2}unroll /);
  }
  const { stdout } = unroll('train', '--help');
  for (const flag of ['text', 'experiment', 'cell', 'hidden', 'layers', 'batch', 'seq-length', 'optimizer', 'rate',
    'schedule', 'clip', 'dropout', 'steps', 'epochs', 'seed', 'valid', 'out', 'log', 'json', 'resume', 'lane', 'save-every', 'threads', 'isa']) {
    assert.match(stdout, new RegExp(`--${flag} `), flag);
  }
  assert.match(stdout, /--hidden N +hidden units per layer \[1 to 2048; 128\]/);
});

test('train: learns, reports, saves, logs', () => {
  const result = json(...small, '--steps', '400', '--out', 'a.safetensors', '--log', 'a.jsonl');
  assert.equal(result.steps, 400);
  assert.equal(result.interrupted, false);
  assert.ok(result.seconds > 0 && result.chars_per_second > 0);
  assert.ok(Math.abs(result.valid_bits - result.valid_loss / Math.LN2) < 1e-12);
  assert.ok(Math.abs(result.train_bits - result.train_loss / Math.LN2) < 1e-12);
  assert.ok(result.valid_loss < result.baselines.bigram, JSON.stringify(result));
  assert.ok(result.baselines.best < result.baselines.bigram && result.baselines.bigram < result.baselines.unigram);

  const log = readFileSync(at('a.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
  const steps = log.filter((record) => 'loss' in record);
  assert.deepEqual(steps.map((record) => record.step), Array.from({ length: 400 }, (_, i) => i + 1));
  const last = steps.slice(-100).reduce((sum, record) => sum + record.loss, 0) / 100;
  assert.ok(Math.abs(last - result.train_loss) < 1e-9, 'train_loss is the mean of the last 100 steps');
  assert.equal(log.at(-1).valid_loss, result.valid_loss);
  assert.deepEqual(readdirSync(at('.')).sort(), ['a.jsonl', 'a.safetensors', 'examples'], 'no temporary file is left');
});

test('train: tells what a loss means before it starts', () => {
  const { stderr } = unroll(...small, '--steps', '2');
  assert.match(stderr, /baselines {2}uniform \d\.\d+, unigram \d\.\d+, bigram \d\.\d+, best n-gram \d\.\d+ \(order \d\)/);
  assert.match(stderr, /will not be saved; --out FILE/);
  assert.doesNotMatch(stderr, /[\r\x1b]/, 'no progress line where there is no terminal');
});

test('train: the same seed gives the same model, another seed another', () => {
  const losses = ['1', '1', '2'].map((seed) => json(...small, '--steps', '20', '--seed', seed).valid_loss);
  assert.equal(losses[0], losses[1]);
  assert.notEqual(losses[0], losses[2]);
});

test('train: epochs instead of steps', () => {
  const result = json(...small, '--epochs', '0.5');
  assert.ok(Math.abs(result.epochs - 0.5) < 0.02, `${result.epochs} epochs`);
  fails(/excludes/, ...small, '--epochs', '1', '--steps', '5');
});

test('train: resuming gives the file that uninterrupted training gives, byte for byte', () => {
  const flags = [...small, '--cell', 'gru', '--layers', '2', '--dropout', '0.2'];
  json(...flags, '--steps', '40', '--out', 'whole.safetensors');
  json(...flags, '--steps', '15', '--out', 'half.safetensors');
  const result = json('train', '--resume', 'half.safetensors', '--steps', '40', '--out', 'half.safetensors');
  assert.equal(result.steps, 40);
  assert.ok(readFileSync(at('half.safetensors')).equals(readFileSync(at('whole.safetensors'))));
  fails(/its training is done: 40 steps \(give more --steps/, 'train', '--resume', 'half.safetensors');
  fails(/--hidden: cannot be given with --resume/, 'train', '--resume', 'half.safetensors', '--hidden', '9');
});

test('train: an experiment document, a lane of it, and flags that override', () => {
  const lesson = {
    unroll: 1, data: { example: 'names', valid: 0.2 }, train: { batch: 4, steps: 3, seed: 5, rate: 0.5 },
    lanes: [{ cell: 'rnn', hidden: 8 }, { cell: 'lstm', hidden: 9, rate: 0.001 }],
  };
  writeFileSync(at('lesson.json'), JSON.stringify(lesson));
  const first = json('train', '--experiment', 'lesson.json');
  assert.deepEqual([first.cell, first.steps, first.seed], ['rnn', 3, 5]);
  json('train', '--experiment', 'lesson.json', '--lane', '1', '--steps', '4', '--rate', '0.25', '--log', 'b.jsonl');
  const log = readFileSync(at('b.jsonl'), 'utf8').split('\n').map((line) => line && JSON.parse(line));
  assert.equal(log.filter((record) => record.loss).length, 4);
  assert.equal(log[0].rate, 0.25, '--rate stands above the rate of the lane');
  fails(/--lane: found 2 \(allowed: 0 to 1\)/, 'train', '--experiment', 'lesson.json', '--lane', '2');

  writeFileSync(at('bad.json'), JSON.stringify({ ...lesson, lanes: [{ cell: 'rnn', hiden: 8 }] }));
  fails(/bad\.json, lanes\[0\]\.hiden: unknown field \(did you mean "hidden"\?/, 'train', '--experiment', 'bad.json');
});

test('train: divergence is an error that says at which step, and the last good weights are kept', () => {
  const run = unroll(...small, '--cell', 'rnn', '--nonlinearity', 'relu', '--optimizer', 'sgd', '--rate', '10',
    '--weight-decay', '1', '--clip', '0', '--steps', '2000', '--out', 'diverged.safetensors', '--json');
  assert.equal(run.status, 2, run.stderr);
  assert.match(run.stderr, /unroll: step \d+: training diverged.*\(try a lower --rate or --clip 1\)/);
  assert.equal(JSON.parse(run.last).diverged, true);
  assert.equal(unroll('sample', '--model', 'diverged.safetensors', '--length', '5').status, 0);
});

test('sample: seeded, of the length asked for, honest about unknown characters', () => {
  const sample = (/** @type {string[]} */ ...flags) =>
    json('sample', '--model', 'a.safetensors', '--prompt', 'Mar', '--length', '60', ...flags);
  const first = sample('--seed', '3');
  assert.equal(first.text.length, 60);
  assert.deepEqual(sample('--seed', '3'), first);
  assert.notEqual(sample('--seed', '4').text, first.text);
  const likeliest = sample('--temperature', '0').text;
  assert.equal(sample('--temperature', '0', '--seed', '9').text, likeliest);
  assert.equal(sample('--top-k', '1', '--seed', '8').text, likeliest);
  assert.equal(sample('--top-p', '0', '--seed', '8').text, likeliest);

  const plain = unroll('sample', '--model', 'a.safetensors', '--prompt', 'Mär$', '--length', '10');
  assert.equal(plain.status, 0);
  assert.ok(plain.stdout.startsWith('Mär$'));
  assert.match(plain.stderr, /never seen .*: "ä\$"/);
  assert.equal(unroll('sample', '--model', 'a.safetensors', '--length', '10').status, 0, 'no prompt');
});

test('eval: the loss that training reported, and what was passed over', () => {
  const { valid_loss } = json(...small, '--steps', '30', '--out', 'e.safetensors');
  const part = json('eval', '--model', 'e.safetensors', '--text', names, '--valid', '0.1');
  assert.equal(part.nats, valid_loss);
  assert.ok(Math.abs(part.bits - part.nats / Math.LN2) < 1e-12);
  assert.equal(part.skipped, 0);

  writeFileSync(at('foreign.txt'), 'Marrow§wick 123\n');
  const foreign = json('eval', '--model', 'e.safetensors', '--text', 'foreign.txt');
  assert.deepEqual([foreign.skipped, foreign.unknown, foreign.characters], [4, '§123', 11]);
  const plain = unroll('eval', '--model', 'e.safetensors', '--text', 'foreign.txt');
  assert.match(plain.stdout, /^\d\.\d{4} nats, \d\.\d{4} bits per character over 11 characters\n$/);
  assert.match(plain.stderr, /passed over 4 characters that the model has never seen: "§123"/);
});

test('PyTorch loads a saved model and gives the same loss', (t) => {
  const python = '/usr/bin/python3';
  if (spawnSync(python, ['-c', 'import torch']).status !== 0) return t.skip('no PyTorch at /usr/bin/python3');
  writeFileSync(at('part.txt'), readFileSync(names, 'utf8').slice(0, 400));
  const models = [['lstm', '1', '0'], ['gru', '2', '5'], ['rnn', '2', '0'], ['lstm', '3', '7']];
  for (const [cell, layers, embedding] of models) {
    json(...small, '--cell', cell, '--layers', layers, '--embedding', embedding, '--steps', '60', '--out', 't.safetensors');
    const script = join(root, 'tests', 'golden', 'load_in_torch.py');
    const torch = spawnSync(python, [script, at('t.safetensors'), at('part.txt')], { encoding: 'utf8' });
    assert.equal(torch.status, 0, torch.stderr);
    const expected = JSON.parse(torch.stdout);
    const here = json('eval', '--model', 't.safetensors', '--text', 'part.txt');
    assert.equal(here.characters, expected.characters);
    // Both compute in float32; 400 characters of recurrence keep them within a few units of the last place.
    assert.ok(Math.abs(here.nats - expected.nats) < 2e-5, `${cell}: ${here.nats} here, ${expected.nats} in PyTorch`);
    const text = readFileSync(at('part.txt'), 'utf8');
    const next = json('sample', '--model', 't.safetensors', '--prompt', text, '--length', '1', '--temperature', '0').text;
    assert.equal(next, expected.next);
  }
});

/** A cell of one's own, with what PyTorch has other words for. */
const coupled = `cell coupled  "A coupled peephole LSTM"  # """ and \\N{nothing}
state c, h
lambda = 1 - f
f = sigmoid(lin(x) + heads(2, lin(h[t-1])) + diag(c[t-1]))
c = f * c[t-1] + lambda * max(tanh(norm(mat(x) + mat(h[t-1])) + bias), -0.9)
h = sigmoid(lin(x) - lin(f * c[t-1]) / 2) * sin(c)
`;

test('export: a model of any cell is a PyTorch module that gives the same loss', (t) => {
  writeFileSync(at('coupled.cell'), coupled);
  writeFileSync(at('part.txt'), readFileSync(names, 'utf8').slice(0, 400));
  const models = [['lstm', '1', '0'], ['peephole', '2', '5'], ['mingru', '2', '0'], ['slstm', '1', '7'], ['mlstm', '2', '5'], ['coupled.cell', '2', '0']];
  const python = '/usr/bin/python3';
  const has_torch = spawnSync(python, ['-c', 'import torch']).status === 0;
  for (const [cell, layers, embedding] of models) {
    json(...small, '--cell', cell, '--layers', layers, '--embedding', embedding, '--steps', '40', '--out', 'x.safetensors');
    const exported = unroll('export', 'x.safetensors', '--pytorch', 'x.py');
    assert.equal(exported.status, 0, exported.stderr);
    if (!has_torch) continue;
    const torch = spawnSync(python, [at('x.py'), at('x.safetensors'), at('part.txt')], { encoding: 'utf8' });
    assert.equal(torch.status, 0, torch.stderr);
    const expected = JSON.parse(torch.stdout);
    const here = json('eval', '--model', 'x.safetensors', '--text', 'part.txt');
    assert.equal(here.characters, expected.characters);
    assert.ok(Math.abs(here.nats - expected.nats) < 1e-5, `${cell}: ${here.nats} here, ${expected.nats} in PyTorch`);
  }
  fails(/--pytorch or --onnx is required/, 'export', 'x.safetensors');
  fails(/nowhere\/x\.py: cannot be written/, 'export', 'x.safetensors', '--pytorch', 'nowhere/x.py');
  if (!has_torch) t.skip('exported, but no PyTorch at /usr/bin/python3 ran it; its losses are in tests/golden/cells.json');
});

test('train on one thread, on two, and on as many as are faster: the same to the last bit', () => {
  const flags = [...small, '--steps', '20', '--seed', '3'];
  const [one, two, five, chosen] = [['--threads', '1'], ['--threads', '2'], ['--threads', '5'], []].map((threads) => json(...flags, ...threads));
  for (const other of [two, five, chosen]) {
    assert.equal(other.valid_loss, one.valid_loss);
    assert.equal(other.train_loss, one.train_loss);
  }
  assert.equal(one.threads, 1);
  assert.ok(five.threads >= 1 && five.threads <= 5);
});

test('errors say what to do, on stderr, with exit code 2', () => {
  fails(/subcommand/i);
  fails(/see `unroll train --help`/, ...small, '--hiden', '5');
  fails(/there is no text to train on \(give --text FILE/, 'train');
  fails(/nowhere\.txt: cannot be read: No such file/, 'train', '--text', 'nowhere.txt');
  fails(/is a folder/, 'train', '--text', '.');
  fails(/--hidden: found 9000 \(allowed: whole numbers from 1 to 2048\)/, ...small, '--hidden', '9000');
  fails(/--cell: found "elman" \(allowed: rnn, .*lstm/, ...small, '--cell', 'elman');
  fails(/--forget-bias: found -11/, ...small, '--forget-bias', '-11');
  fails(/train\.steps: found 0|--steps: found 0/, ...small, '--steps', '0');
  fails(/there is no built-in text "saga" \(allowed: tale, recall, .*, story, /, 'train', '--example', 'saga');
  fails(/--isa: "mmx" is not available here \(allowed: .*plain\)/, ...small, '--isa', 'mmx');
  fails(/nowhere\/m\.safetensors: cannot be written/, ...small, '--steps', '100000000', '--out', 'nowhere/m.safetensors');
  fails(/log\.jsonl: cannot be written/, ...small, '--steps', '100000000', '--log', 'nowhere/log.jsonl');
  writeFileSync(at('latin1.txt'), Buffer.from('caf\xe9 au lait', 'latin1'));
  fails(/latin1\.txt, byte 3: 0xE9 is not valid UTF-8/, 'train', '--text', 'latin1.txt');
  writeFileSync(at('empty.txt'), '');
  fails(/^unroll: empty\.txt: 0 characters to train on are too few/, 'train', '--text', 'empty.txt');
  fails(/--model is required/, 'sample');
  fails(/latin1\.txt, header: its length does not fit/, 'sample', '--model', 'latin1.txt');
  const bytes = readFileSync(at('a.safetensors'));
  writeFileSync(at('cut.safetensors'), bytes.subarray(0, bytes.length - 100));
  fails(/cut\.safetensors, tensor .*do not lie in the file \(the file may be cut off/, 'sample', '--model', 'cut.safetensors');
  fails(/cut\.safetensors/, 'eval', '--model', 'cut.safetensors', '--text', names);
  fails(/holds 0 characters that the model knows/, 'eval', '--model', 'a.safetensors', '--text', 'empty.txt');
});

test('a flag without effect is remarked on, one with effect is not', () => {
  const remark = (/** @type {string[]} */ ...flags) => unroll(...small, '--steps', '1', ...flags).stderr.match(/--\S+ has no effect/g) ?? [];
  assert.deepEqual(remark('--dropout', '0.5'), ['--dropout has no effect']);
  assert.deepEqual(remark('--dropout', '0.5', '--layers', '2'), []);
  assert.deepEqual(remark('--cell', 'gru', '--forget-bias', '1', '--nonlinearity', 'relu'),
    ['--nonlinearity has no effect', '--forget-bias has no effect']);
  assert.deepEqual(remark('--momentum', '0.5', '--beta1', '0.8'), ['--momentum has no effect']);
  assert.deepEqual(remark('--optimizer', 'sgd', '--momentum', '0.5', '--beta2', '0.8'), ['--beta2 has no effect']);
  const { stderr } = unroll('sample', '--model', 'a.safetensors', '--length', '1', '--temperature', '0', '--top-k', '3');
  assert.match(stderr, /note: --top-k has no effect: at --temperature 0/);
});
