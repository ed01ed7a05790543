// What comes from outside (flags, texts, checkpoints): read in one way, refused with a short and harmless sentence, and
// never answered with a number that is none.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { at, bash, fails, harmless, names, root, unroll } from './program.mjs';

const small = ['--hidden', '12', '--batch', '4', '--seq-length', '16', '--steps', '3'];
const train = ['train', '--text', names, ...small];
const sample = ['sample', '--model', 'model.safetensors', '--length', '5'];
const evaluate = ['eval', '--model', 'model.safetensors', '--text', names];

/** The tensors of a checkpoint, changed by `change`. */
function changed(/** @type {string} */ to, /** @type {(header: any, values: (name: string) => Float32Array) => any} */ change) {
  const bytes = readFileSync(at('model.safetensors'));
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  const data = new Uint8Array(bytes.subarray(8 + length));
  const values = (/** @type {string} */ name) => {
    const [begin, end] = header[name].data_offsets;
    return new Float32Array(data.buffer, begin, (end - begin) / 4);
  };
  const text = Buffer.from(JSON.stringify(change(header, values) ?? header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(at(to), Buffer.concat([size, text, data]));
  return to;
}

before(() => {
  const run = unroll(...train, '--out', 'model.safetensors');
  assert.equal(run.status, 0, run.stderr);
});

test('numbers are read in one way by every flag, and what is none is refused', () => {
  for (const flags of [
    [...train, '--layers', '2', '--dropout', '.5'], [...train, '--rate', '+0.01'], [...train, '--rate', '1e-3'],
    [...train, '--valid', '.1'], [...train, '--clip', '5.'], [...train, '--seed', '9007199254740992'],
    [...train, '--hidden', '1e1'], [...train, '--forget-bias', '-.5'], ['train', '--text', names, ...small.slice(0, -2), '--epochs', '.02'],
    [...sample, '--temperature', '.5'], [...sample, '--temperature', '+1.'], [...sample, '--top-p', '5e-1'],
    [...sample, '--top-k', '3.0'], [...evaluate, '--valid', '.2'],
  ]) {
    const run = unroll(...flags);
    assert.equal(run.status, 0, `${flags.join(' ')}\n${run.stderr}`);
  }
  const horizon = ['horizon', '--example', 'names'];
  /** @type {[string[], string[]][]} */
  const flags = [
    [train, ['--rate', '--hidden', '--batch', '--seed', '--dropout', '--valid', '--clip', '--warmup', '--forget-bias',
      '--epochs', '--threads', '--lane', '--save-every']],
    [sample, ['--length', '--temperature', '--top-k', '--top-p', '--seed', '--lane']],
    [evaluate, ['--valid', '--lane']],
    [horizon, ['--parameters', '--steps', '--seeds', '--lags', '--positions', '--rate']],
  ];
  for (const [command, ones] of flags) {
    for (const flag of ones) {
      for (const text of ['nan', '-inf', '0x10', '5x', '1e400', 'five'])
        fails(new RegExp(`^unroll: ${flag}: found "${text}" \\(allowed: `), ...command.filter((word, i) =>
          flag !== '--epochs' || (word !== '--steps' && command[i - 1] !== '--steps')), flag, text);
    }
  }
  fails(/--top-k: found 2\.5 \(allowed: whole numbers from 0 to 20000\)/, ...sample, '--top-k', '2.5');
  fails(/--temperature: found 5\.01 \(allowed: 0 to 5\)/, ...sample, '--temperature', '5.01');
  for (const command of [train, sample])
    fails(/--seed: found 9007199254740993 \(allowed: whole numbers from 0 to 9007199254740992\)/, ...command, '--seed',
      '9007199254740993');
});

test('what is printed or saved is finite, or the command fails with a sentence', () => {
  {  // gates and states at their ends, and logits beyond what a float holds
    const huge = changed('huge.safetensors', (_, values) => {
      for (const name of ['rnn.weight_ih_l0', 'decoder.weight']) values(name).fill(3.4e38);
    });
    fails(/huge\.safetensors: .*not finite.*too large to compute with/, 'eval', '--model', huge, '--text', names, '--json');
    fails(/huge\.safetensors: .*not finite.*too large to compute with/, 'eval', '--model', huge, '--text', names);
    fails(/huge\.safetensors: .*not finite/, 'sample', '--model', huge, '--length', '9', '--json');
  }
  const negative = changed('negative.safetensors', (_, values) => void (values('unroll.optimizer.second')[7] = -1e-9));
  fails(/tensor unroll\.optimizer\.second: holds a number below 0/, 'train', '--resume', negative, '--steps', '9');
  for (const moment of [3e38, -1e30]) {
    const hostile = changed('hostile.safetensors', (_, values) => void values('unroll.optimizer.first').fill(moment));
    for (const steps of ['4', '9']) {
      const run = unroll('train', '--resume', hostile, '--steps', steps, '--out', 'after.safetensors', '--json');
      assert.equal(run.status, 2, run.stderr);
      assert.match(run.stderr, /unroll: step 4: training diverged/);
      assert.equal(unroll('eval', '--model', 'after.safetensors', '--text', names).status, 0, 'what was saved can be used');
    }
  }
});

test('messages quote names shortly and harmlessly', () => {
  const clear = '\x1b[2J\x1b]0;x\x07\u202e', long = 'n'.repeat(100_000);
  /** @param {string} name @param {number} [bytes] */
  const further = (name, bytes = 0) => changed('further.safetensors', (header) => ({ ...header,
    [name]: { dtype: bytes ? 'F32' : 'F16', shape: [bytes / 4], data_offsets: [0, bytes] } }));
  for (const name of [clear, long]) {
    fails(/tensor /, 'sample', '--model', further(name));
    fails(/tensor /, 'sample', '--model', further(name, 4));
    fails(/__metadata__\./, 'sample', '--model', changed('meta.safetensors', (header) => ({ ...header,
      __metadata__: { ...header.__metadata__, [name]: 7 } })));
    fails(/cannot be read/, 'train', '--text', `${name}.txt`);
    fails(/no built-in text/, 'train', '--example', name.slice(0, 60));
    fails(/no built-in text|allowed/, 'train', '--example', name);
    fails(/--cell: found /, ...train, '--cell', name);
    fails(/--temperature: found /, ...sample, '--temperature', name);
    fails(/--isa: /, ...train, '--isa', name);
    fails(/see `unroll train --help`/, ...train, `--${name}`);
    fails(/see `unroll train --help`/, ...train, name);
    for (const document of [{ unroll: 1, [name]: 1 }, { unroll: 1, lanes: [{ [name]: 1 }] }, { unroll: 1, train: { optimizer: name } }]) {
      writeFileSync(at('d.json'), JSON.stringify(document));
      fails(/d\.json, /, 'train', '--experiment', 'd.json');
    }
    writeFileSync(at('d.json'), `{"unroll": 1, ${name}`);
    fails(/d\.json: not valid JSON/, 'train', '--experiment', 'd.json');
  }
  const strange = unroll(...sample, '--prompt', `M${clear}`);
  assert.equal(strange.status, 0);
  harmless(strange.stderr);
  assert.match(strange.stderr, /never seen these characters.*u001b/i);
  writeFileSync(at('strange.txt'), `Marlow${clear}\nFenwick\n`);
  const passed = unroll('eval', '--model', 'model.safetensors', '--text', 'strange.txt');
  assert.equal(passed.status, 0);
  harmless(passed.stderr);
  const saved = unroll(...train, '--out', 'a\x1b[2Jb.safetensors');
  assert.equal(saved.status, 0);
  harmless(saved.stderr);
});

test('a checkpoint that does not fit says which tensor, and what it means', () => {
  /** @param {string} name */
  const further = (name) => changed('further.safetensors', (header) => {
    const end = Math.max(...Object.keys(header).filter((key) => key !== '__metadata__').map((key) => header[key].data_offsets[1]));
    return { ...header, [name]: { dtype: 'F32', shape: [0], data_offsets: [end, end] } };
  });
  assert.equal(unroll('sample', '--model', further('nothing'), '--length', '3').status, 0, 'a tensor that holds nothing');
  /** @param {string} from @param {string} to */
  const renamed = (from, to) => changed('renamed.safetensors', (header) => Object.fromEntries(
    Object.entries(header).map(([key, value]) => [key === from ? to : key, value])));
  fails(/tensor rnn\.weight_hh_l0_reverse: is of a bidirectional network/, 'sample', '--model',
    renamed('rnn.weight_hh_l0', 'rnn.weight_hh_l0_reverse'));
  fails(/tensor rnn\.weight_hr_l0: .*proj_size/, 'sample', '--model', renamed('rnn.weight_hh_l0', 'rnn.weight_hr_l0'));
  fails(/tensor my\.head: is no part of this model/, 'sample', '--model', renamed('decoder.bias', 'my.head'));
  const many = changed('many.safetensors', (header) => {
    for (let i = 0; i < 200_000; i++) header[`t${i}`] = { dtype: 'F32', shape: [0], data_offsets: [0, 0] };
  });
  const run = bash('ulimit -v 400000; exec "$UNROLL" sample --model "$1"', many);
  assert.equal(run.status, 2, run.stderr);
  assert.match(run.stderr, /more than 256 tensors/);
});

test('texts: every line end is one, other encodings and short texts are called by the name of the file', () => {
  const text = readFileSync(names, 'utf8');
  writeFileSync(at('mac.txt'), text.replaceAll('\n', '\r'));
  writeFileSync(at('windows.txt'), text.replaceAll('\n', '\r\n'));
  const losses = [names, 'mac.txt', 'windows.txt'].map((file) => {
    const run = unroll('train', '--text', file, ...small, '--out', 'ends.safetensors', '--json');
    assert.equal(run.status, 0, run.stderr);
    const header = readFileSync(at('ends.safetensors')).toString('latin1');
    assert.doesNotMatch(header.slice(0, 4000), /"vocabulary":"[^"]*\\r/);
    return JSON.parse(run.last).valid_loss;
  });
  assert.equal(losses[0], losses[1]);
  assert.equal(losses[0], losses[2]);
  const mac = unroll('eval', '--model', 'model.safetensors', '--text', 'mac.txt', '--json');
  assert.equal(JSON.parse(mac.last).skipped, 0);

  for (const mark of ['', '\ufeff']) {
    writeFileSync(at('wide.txt'), Buffer.from(mark + text, 'utf16le'));
    fails(/wide\.txt, byte 0: this looks like UTF-16, not UTF-8 \(save the text as UTF-8/, 'train', '--text', 'wide.txt');
    fails(/wide\.txt, byte 0: this looks like UTF-16/, 'eval', '--model', 'model.safetensors', '--text', 'wide.txt');
    fails(/wide\.txt, byte 0: this looks like UTF-16/, 'horizon', '--text', 'wide.txt');
  }
  for (const few of ['', 'a']) {
    writeFileSync(at('few.txt'), few);
    fails(/^unroll: few\.txt: [01] characters to train on are too few/, 'train', '--text', 'few.txt');
    fails(/^unroll: few\.txt/, 'eval', '--model', 'model.safetensors', '--text', 'few.txt');
    fails(/^unroll: few\.txt/, 'horizon', '--text', 'few.txt');
  }
  writeFileSync(at('few.json'), JSON.stringify({ unroll: 1, data: { text: 'a' } }));
  fails(/^unroll: few\.json, data: 1 characters/, 'train', '--experiment', 'few.json');
});

test('eval reads a long text as one pass through it does', (t) => {
  const python = '/usr/bin/python3';
  if (spawnSync(python, ['-c', 'import torch']).status !== 0) return t.skip('no PyTorch at /usr/bin/python3');
  writeFileSync(at('long.txt'), readFileSync(join(root, 'examples', 'story.txt'), 'utf8').slice(0, 15000));
  for (const cell of ['lstm', 'rnn']) {
    const trained = unroll('train', '--text', 'long.txt', '--cell', cell, '--hidden', '48', '--rate', '0.01', '--steps', '250',
      '--out', 'long.safetensors');
    assert.equal(trained.status, 0, trained.stderr);
    const script = join(root, 'tests', 'golden', 'load_in_torch.py');
    const torch = spawnSync(python, [script, at('long.safetensors'), at('long.txt')], { encoding: 'utf8' });
    assert.equal(torch.status, 0, torch.stderr);
    const expected = JSON.parse(torch.stdout);
    const here = JSON.parse(unroll('eval', '--model', 'long.safetensors', '--text', 'long.txt', '--json').last);
    assert.equal(here.characters, expected.characters);
    assert.ok(Math.abs(here.nats - expected.nats) < 1e-4, `${cell}: ${here.nats} here, ${expected.nats} in PyTorch`);
  }
});
