// What the system has no more of (memory, threads, room on the disk) ends in a sentence and exit code 2, and the model
// is saved where it can be.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { at, bash, fails, json, names, small, unroll } from './program.mjs';

/** That a run ended with exit code 2, by one sentence that matches. @param {ReturnType<typeof bash>} run */
function refused(run, /** @type {RegExp} */ message) {
  assert.deepEqual([run.status, run.signal], [2, null], run.stderr);
  assert.match(run.stderr, message);
  assert.match(run.stderr, /^unroll: /m);
}

test('more threads than the batch has streams', () => {
  const [one, five] = ['1', '5'].map((threads) => json(...small, '--batch', '4', '--steps', '3', '--threads', threads));
  assert.equal(one.train_loss, five.train_loss);
});

test('results that cannot be written are an error', () => {
  json(...small, '--steps', '3', '--out', 'm.safetensors');
  const horizon = ['horizon', '--example', 'copy', '--parameters', '500', '--lags', '20', '--positions', '4', '--batch', '4',
    '--seq-length', '8', '--steps', '0'];
  const commands = [
    ['sample', '--model', 'm.safetensors'], ['sample', '--model', 'm.safetensors', '--json'],
    ['eval', '--model', 'm.safetensors', '--text', names], ['eval', '--model', 'm.safetensors', '--text', names, '--json'],
    [...small, '--steps', '3', '--json'], horizon, [...horizon, '--json'], ['--version'], ['train', '--help'],
  ];
  for (const command of commands) {
    refused(bash('"$UNROLL" "$@" > /dev/full', ...command), /standard output: could not be written: No space left/);
    refused(bash('"$UNROLL" "$@" >&-', ...command), /standard output: could not be written/);
  }
  const cut = bash('set -o pipefail; "$UNROLL" "$@" --length 1000000000 | head -c 10', ...commands[0]);
  assert.notEqual(cut.status, 0, 'it ends with its reader');
  assert.equal(bash('"$UNROLL" "$@" 2> /dev/full', ...small, '--steps', '3').status, 2);
});

test('standard streams that are closed: no message lands in a file', () => {
  const run = bash('"$UNROLL" "$@" <&- >&- 2>&-', ...small, '--steps', '3', '--log', 'c.jsonl', '--out', 'c.safetensors');
  assert.equal(run.status, 0);
  for (const line of readFileSync(at('c.jsonl'), 'utf8').trimEnd().split('\n')) assert.ok(JSON.parse(line).step);
  assert.equal(unroll('sample', '--model', 'c.safetensors', '--length', '5').status, 0);
});

test('a disk that is full when the model is saved: it is saved elsewhere, and said where', () => {
  mkdirSync(at('beside'));
  writeFileSync(at('beside/book.txt'), readFileSync(names));
  const run = bash('"$UNROLL" "$@"', 'train', '--text', 'beside/book.txt', '--hidden', '8', '--steps', '3', '--out', '/dev/full', '--json');
  refused(run, /\/dev\/full: cannot be written: No space left on device/);
  const { saved } = JSON.parse(run.last);
  assert.match(saved, /\/beside\/full-[0-9a-f]{16}$/);
  assert.ok(run.stderr.includes(`saved      ${saved} instead`));
  assert.equal(unroll('sample', '--model', saved, '--length', '5').status, 0);
});

test('a disk or a limit without room for the model is said before it is trained', () => {
  const flags = [...small, '--steps', '100000000', '--out', 'large.safetensors'];
  refused(bash('ulimit -f 8; "$UNROLL" "$@"', ...flags), /large\.safetensors: will have [\d,]+ bytes, but a file may have at most 8,192 bytes here \(ulimit -f\)/);
  assert.ok(!existsSync(at('large.safetensors')));
});

test('a log that reaches its limit lacks lines, which is an error; the model is saved', () => {
  const run = bash('ulimit -f 64; "$UNROLL" "$@"', ...small, '--hidden', '4', '--steps', '3000', '--log', 'f.jsonl', '--out', 'f.safetensors');
  refused(run, /f\.jsonl: [\d,]+ lines could not be written: File too large/);
  assert.equal(unroll('sample', '--model', 'f.safetensors', '--length', '5').status, 0);
});

test('no thread to be had', () => {
  refused(bash('ulimit -v 200000; "$UNROLL" "$@"', ...small, '--batch', '64', '--threads', '64', '--steps', '3'),
    /--threads 64: the system gives no more threads: .* \(give fewer\)|there is not enough memory/);
});

test('no memory to be had, wherever it ends', () => {
  json('train', '--text', names, '--hidden', '64', '--steps', '2', '--out', 'big.safetensors');
  writeFileSync(at('large.txt'), readFileSync(names, 'utf8').repeat(100));
  const commands = [
    ['eval', '--model', 'big.safetensors', '--text', 'large.txt', '--valid', '0.01'],
    ['sample', '--model', 'big.safetensors'],
    ['train', '--text', names, '--hidden', '200', '--batch', '32', '--seq-length', '128', '--steps', '2', '--out', 'low.safetensors'],
  ];
  let ended_well = 0, without_memory = 0, saved = 0;
  for (const command of commands) {
    for (let kilobytes = 8000; kilobytes < 130000; kilobytes = Math.round(kilobytes * 1.25)) {
      rmSync(at('low.safetensors'), { force: true });
      const run = bash(`ulimit -v ${kilobytes}; exec "$UNROLL" "$@"`, ...command);
      if (run.status === 127 || /error while loading|cannot allocate memory for program|Cannot allocate memory$/m.test(run.stderr)) continue;  // it never started
      if (run.status === 0) {
        ++ended_well;
        continue;
      }
      refused(run, /not enough memory|the system refused|gives no more/);
      ++without_memory;
      if (/to go on/.test(run.stderr)) {
        assert.match(run.stderr, /saved {6}low\.safetensors/);
        assert.equal(unroll('sample', '--model', 'low.safetensors', '--length', '5').status, 0);
        ++saved;
      }
    }
  }
  assert.ok(ended_well >= 3 && without_memory >= 3 && saved >= 1, `${ended_well}, ${without_memory}, ${saved}`);
  assert.deepEqual(readdirSync(at('.')).filter((name) => name.includes('.part-')), []);
});

test('errors of files name the file', () => {
  fails(/is a folder/, ...small, '--steps', '1', '--out', '.');
  fails(/is a folder/, ...small, '--steps', '1', '--log', 'beside');
  fails(/nowhere\/m\.safetensors: cannot be written: No such file/, ...small, '--steps', '100000000', '--out', 'nowhere/m.safetensors');
});
