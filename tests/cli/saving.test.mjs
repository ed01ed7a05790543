// A training is saved on the way: whatever ends the program, what stands at --out is whole, and goes on from there.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { at, endless, fails, json, names, program, small, start, unroll } from './program.mjs';

const delay = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** When the file was written last, in milliseconds; 0: never. @param {string} name */
const writtenAt = (name) => (existsSync(at(name)) ? statSync(at(name)).mtimeMs : 0);

/** The steps that a checkpoint has, by its header. @param {string} name */
function stepsOf(name) {
  const bytes = readFileSync(at(name));
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
  return Number(header.__metadata__.steps);
}

/** So many kills; UNROLL_KILLS=50 for a long look. */
const kills = Number(process.env.UNROLL_KILLS ?? 12);

test('train: kill -9 at any moment leaves a whole file that training goes on from, and a log with every step of it', async () => {
  const out = 'killed.safetensors', log = 'killed.jsonl';
  let steps = 0;
  for (let kill = 0; kill < kills; ++kill) {
    const flags = kill === 0 ? small : ['train', '--resume', out];
    const before = writtenAt(out);
    const { child, told, ended } = start(program, [...flags, ...endless, '--out', out, '--log', log, '--save-every', '0.02']);
    while (writtenAt(out) === before) {
      assert.equal(child.exitCode, null, told.stderr);
      await delay(5);
    }
    await delay(Math.random() * 60);
    child.kill('SIGKILL');
    assert.equal((await ended).signal, 'SIGKILL');
    const now = stepsOf(out);
    assert.ok(now > steps, `saved at step ${now} after ${steps}`);
    steps = now;
    const lines = readFileSync(at(log), 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line));
    const logged = new Set(lines.map(({ step }) => step));
    for (let step = 1; step <= steps; ++step) assert.ok(logged.has(step), `step ${step} of ${steps} is in the log`);
  }
  assert.equal(json('train', '--resume', out, '--steps', String(steps + 3), '--out', out).steps, steps + 3);
  const left = readdirSync(at('.')).filter((name) => name.includes('.part-'));
  assert.deepEqual(left, [], 'what killed runs left beside it is removed by the next');
});

test('train: saved on the way it ends with the same bytes as saved at the end only', () => {
  json(...small, '--steps', '60', '--out', 'often.safetensors', '--save-every', '0.001');
  json(...small, '--steps', '60', '--out', 'once.safetensors', '--save-every', '0');
  assert.ok(readFileSync(at('often.safetensors')).equals(readFileSync(at('once.safetensors'))));
});

test('train: a folder that is lost on the way is told once, and training goes on and saves elsewhere', async () => {
  mkdirSync(at('lost'));
  mkdirSync(at('beside-text'));
  writeFileSync(at('beside-text/book.txt'), readFileSync(names));
  const { child, told, said, ended } = start(program,
    [...small.map((word) => (word === names ? at('beside-text/book.txt') : word)), ...endless, '--out', 'lost/model.safetensors', '--save-every', '0.05']);
  while (!existsSync(at('lost/model.safetensors'))) await delay(5);
  renameSync(at('lost'), at('moved'));
  await said(/cannot be written: .*; training goes on, and saving is tried again/);
  await delay(300);
  assert.equal(told.stderr.match(/training goes on/g)?.length, 1);
  child.kill('SIGINT');
  assert.equal((await ended).status, 2, told.stderr);
  const [, saved] = /saved {6}(\S+) instead/.exec(told.stderr) ?? [];
  assert.match(saved ?? told.stderr, /\/beside-text\/model-[0-9a-f]{16}\.safetensors$/);
  assert.ok(stepsOf('moved/model.safetensors') > 0);
});

test('train: two programs with one --out leave one of the two whole', async () => {
  const flags = (/** @type {string} */ seed) => [...small, ...endless, '--out', 'both.safetensors', '--seed', seed, '--save-every', '0.01'];
  const runs = [start(program, flags('1')), start(program, flags('2'))];
  for (let look = 0, last = 0; look < 20; ++look) {
    while (writtenAt('both.safetensors') === last) await delay(2);
    last = writtenAt('both.safetensors');
    const bytes = readFileSync(at('both.safetensors'));
    writeFileSync(at('seen.safetensors'), bytes);
    assert.ok(stepsOf('seen.safetensors') > 0);
  }
  for (const { child } of runs) child.kill('SIGKILL');
  await Promise.all(runs.map(({ ended }) => ended));
  const read = unroll('sample', '--model', 'both.safetensors', '--length', '3');
  assert.equal(read.status, 0, read.stderr);
});

test('train: --save-every needs a file to save to', () => {
  fails(/--save-every requires --out/, ...small, '--steps', '3', '--save-every', '5');
});
