// Whatever ends a training in an orderly way saves it first, without delay; what is not a training can be ended, too.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { at, endless, json, names, program, small, start, unroll } from './program.mjs';

const delay = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Waits until a file has more than so many bytes, while the process lives that writes it.
 * @param {string} name @param {import('node:child_process').ChildProcess} child @param {number} [bytes]
 */
async function grown(name, child, bytes = 0) {
  while (!existsSync(at(name)) || statSync(at(name)).size <= bytes) {
    assert.equal(child.exitCode, null, `it ended before there was anything in ${name}`);
    await delay(20);
  }
}

/** That a file is a model. @param {string} file */
function loads(file) {
  const run = unroll('sample', '--model', file, '--length', '5');
  assert.equal(run.status, 0, run.stderr);
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  test(`train: ${signal} saves and ends with 130, and training can go on`, async () => {
    const out = `${signal}.safetensors`, log = `${signal}.jsonl`;
    const { child, told, ended } = start(program, [...small, ...endless, '--out', out, '--log', log, '--json']);
    await grown(log, child);
    child.kill(signal);
    child.kill('SIGINT');  // launchers tend to send two
    assert.deepEqual(await ended, { status: 130, signal: null }, told.stderr);
    const result = JSON.parse(told.stdout);
    assert.equal(result.interrupted, true);
    assert.equal(result.saved, out);
    assert.match(told.stderr, new RegExp(`saved {6}${out} \\(stopped; go on with --resume\\)`));
    const lines = readFileSync(at(log), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.equal(lines.at(-1).step, result.steps, 'every step is in the log');
    const more = json('train', '--resume', out, '--steps', String(result.steps + 5));
    assert.equal(more.steps, result.steps + 5);
  });
}

test('train: a stop does not wait for the step or the validation that runs, and nothing done before is lost', async () => {
  // A step of this takes many seconds.
  const slow = ['train', '--text', names, '--hidden', '1024', '--batch', '8', '--seq-length', '384', ...endless];
  const first = start(program, [...slow, '--out', 'slow.safetensors', '--json']);
  await first.said(/baselines/);
  first.child.kill('SIGINT');
  assert.equal((await first.ended).status, 130, first.told.stderr);
  assert.equal(JSON.parse(first.told.stdout).steps, 0, 'it did not wait for the end of the step');
  loads('slow.safetensors');

  // And here a validation does: half of the text.
  writeFileSync(at('long.txt'), readFileSync(names, 'utf8').repeat(100));
  const second = start(program, ['train', '--text', 'long.txt', '--hidden', '256', '--batch', '2', '--seq-length', '8',
    '--valid', '0.5', '--steps', '3', '--out', 'long.safetensors', '--log', 'long.jsonl', '--json']);
  await grown('long.jsonl', second.child);
  second.child.kill('SIGTERM');
  assert.equal((await second.ended).status, 130, second.told.stderr);
  const { steps, valid_loss } = JSON.parse(second.told.stdout);
  assert.deepEqual([steps, valid_loss], [1, null]);
  assert.equal(json('train', '--resume', 'long.safetensors', '--steps', '2', '--out', 'none.safetensors').steps, 2);
});

test('train: the model is saved before its last validation', async () => {
  writeFileSync(at('last.txt'), readFileSync(names, 'utf8').repeat(100));
  const { child, said, ended } = start(program, ['train', '--text', 'last.txt', '--hidden', '256', '--batch', '2',
    '--seq-length', '8', '--valid', '0.5', '--steps', '1', '--out', 'last.safetensors']);
  await said(/saved {6}last\.safetensors\n/);
  child.kill('SIGKILL');
  await ended;
  loads('last.safetensors');
});

test('train: a stop before the first step leaves a file that is there as it is', async () => {
  json(...small, '--steps', '3', '--out', 'kept.safetensors');
  const before = readFileSync(at('kept.safetensors'));
  const { child, told, said, ended } = start(program, ['train', '--text', names, '--hidden', '1024', '--batch', '8',
    '--seq-length', '384', ...endless, '--out', 'kept.safetensors']);
  await said(/baselines/);
  child.kill('SIGINT');
  assert.equal((await ended).status, 130, told.stderr);
  assert.match(told.stderr, /unchanged {2}kept\.safetensors/);
  assert.ok(readFileSync(at('kept.safetensors')).equals(before));
});

test('train: saved when who reads its messages or its log has gone', async () => {
  const script = '"$UNROLL" "$@" 2>&1 | head -n 2; echo "ended with ${PIPESTATUS[0]}"';
  const piped = start('bash', ['-c', script, 'bash', ...small, ...endless, '--out', 'head.safetensors']);
  await piped.ended;
  assert.match(piped.told.stdout, /ended with 130/);
  loads('head.safetensors');

  const log = start('bash', ['-c', '"$UNROLL" "$@" --log >(head -n 3 > lines.jsonl); echo "ended with $?"', 'bash',
    ...small, ...endless, '--out', 'reader.safetensors']);
  await log.ended;
  assert.match(log.told.stdout, /ended with 2/);
  assert.match(log.told.stderr, /lines could not be written: Broken pipe/);
  loads('reader.safetensors');
});

test('train: Ctrl-C for a whole pipeline, whose reader ends first', async () => {
  const child = spawn('bash', ['-c', '"$UNROLL" "$@" 2>&1 | tee messages', 'bash', ...small, ...endless, '--out',
    'tee.safetensors', '--log', 'tee.jsonl'], { cwd: at('.'), env: { ...process.env, UNROLL: program }, detached: true });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await grown('tee.jsonl', child);
  process.kill(-(child.pid ?? NaN), 'SIGINT');
  await ended;
  while (!existsSync(at('tee.safetensors'))) await delay(20);  // bash does not wait for it when it is told to stop
  loads('tee.safetensors');
});

test('train: a signal that it was started to ignore (nohup) does not end it', async () => {
  const { child, told, ended } = start('bash', ['-c', 'trap "" HUP; exec "$UNROLL" "$@"', 'bash', ...small, ...endless,
    '--log', 'nohup.jsonl']);
  await grown('nohup.jsonl', child);
  child.kill('SIGHUP');
  await grown('nohup.jsonl', child, statSync(at('nohup.jsonl')).size);
  child.kill('SIGINT');
  assert.equal((await ended).status, 130, told.stderr);
});

test('horizon: Ctrl-C prints what was measured until then', async () => {
  const { child, told, said, ended } = start(program, ['horizon', '--example', 'copy', '--parameters', '2000', '--lags', '60',
    '--positions', '20', '--batch', '4', '--seq-length', '16', '--steps', '0,1000000']);
  await said(/step 0 {2}loss/);
  child.kill('SIGINT');
  assert.equal((await ended).status, 130, told.stderr);
  const row = told.stdout.trimEnd().split('\n').slice(2);
  assert.equal(row.length, 1);
  assert.match(row[0], /^\| copy \| rnn \| \d+ \| [\d,]+ \| \S+ \| \d\.\d{3} \| {2}\| {2}\|$/);
});
