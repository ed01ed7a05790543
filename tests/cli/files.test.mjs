// Files of `unroll train`: what stands at a path is kept what it is, nothing is destroyed, nothing is left behind.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync, chownSync, existsSync, linkSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync,
  utimesSync, writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { at, bash, fails, json, names, program, root, small, start, unroll } from './program.mjs';

const few = [...small, '--steps', '3'];
const is_root = process.getuid?.() === 0;
const lines = (/** @type {string} */ text) => text.trimEnd().split('\n').map((line) => JSON.parse(line));

/** That a file is a model. @param {string} file */
function loads(file) {
  const run = unroll('sample', '--model', file, '--length', '5');
  assert.equal(run.status, 0, run.stderr);
}

test('links are followed, by every kind of name', () => {
  mkdirSync(at('there'));
  writeFileSync(at('there/old.safetensors'), 'old');
  symlinkSync('there/old.safetensors', at('link'));
  symlinkSync('link', at('link-to-link'));
  symlinkSync('there/new.safetensors', at('dangling'));
  for (const name of ['link-to-link', 'dangling']) {
    json(...few, '--out', name);
    assert.ok(lstatSync(at(name)).isSymbolicLink(), name);
  }
  loads('there/old.safetensors');
  loads('there/new.safetensors');
  symlinkSync('circle', at('circle'));
  fails(/circle: cannot be written: .*circle/, ...few, '--out', 'circle');
});

test('a name that is no UTF-8 is a name, too', () => {
  const run = bash('"$UNROLL" "$@" --json --out $\'\\xff.safetensors\' && "$UNROLL" sample --model $\'\\xff.safetensors\' --length 5', ...few);
  assert.equal(run.status, 0, run.stderr);
});

test('mode and owner of a file that is written again stay', () => {
  writeFileSync(at('private.safetensors'), '');
  chmodSync(at('private.safetensors'), 0o600);
  if (is_root) chownSync(at('private.safetensors'), 12345, 12346);
  json(...few, '--out', 'private.safetensors');
  const { mode, uid, gid } = statSync(at('private.safetensors'));
  assert.equal(mode & 0o7777, 0o600);
  if (is_root) assert.deepEqual([uid, gid], [12345, 12346]);
  bash('umask 027; "$UNROLL" "$@"', ...few, '--out', 'new.safetensors');
  assert.equal(statSync(at('new.safetensors')).mode & 0o7777, 0o640);
});

test('pipes and devices are written as they are', async () => {
  spawnSync('mkfifo', [at('pipe')]);
  const reader = start('bash', ['-c', 'cat pipe > received.safetensors']);
  json(...few, '--out', 'pipe');
  await reader.ended;
  assert.ok(lstatSync(at('pipe')).isFIFO());
  loads('received.safetensors');
  const substituted = bash('"$UNROLL" "$@" --out >(cat > substituted.safetensors) && wait $!', ...few);
  assert.equal(substituted.status, 0, substituted.stderr);
  loads('substituted.safetensors');
  json(...few, '--out', '/dev/null', '--log', '/dev/null');
  assert.ok(lstatSync('/dev/null').isCharacterDevice());
  assert.deepEqual(readdirSync('/dev').filter((name) => name.startsWith('null.part')), []);
  const streamed = bash('"$UNROLL" "$@" --out /dev/stdout > streamed.safetensors', ...few);
  assert.equal(streamed.status, 0, streamed.stderr);
  loads('streamed.safetensors');
});

test('a log may be a pipe, standard error or standard output', () => {
  spawnSync('mkfifo', [at('log-pipe')]);
  const piped = bash('cat log-pipe > log-copy & "$UNROLL" "$@" --log log-pipe && wait', ...few);
  assert.equal(piped.status, 0, piped.stderr);
  assert.equal(lines(readFileSync(at('log-copy'), 'utf8')).filter((line) => 'loss' in line).length, 3);
  for (const name of ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']) {
    const run = unroll(...few, '--json', '--log', name);  // Node gives a socket, which cannot be opened by its name
    assert.equal(run.status, 0, run.stderr);
    assert.equal(lines(run.stdout).filter((line) => 'grad_norm' in line).length, 3, name);
    assert.equal(JSON.parse(run.last).steps, 3);
  }
  const mixed = bash('"$UNROLL" "$@" --log /dev/stderr 2> mixed', ...few);
  assert.equal(mixed.status, 0);
  const text = readFileSync(at('mixed'), 'utf8');
  assert.match(text, /^text .*\n/);
  assert.equal([...text.matchAll(/^\{"step":\d+,"loss".*\}$/gm)].length, 3);
});

test('an ordinary user may do the same', (t) => {
  if (!is_root) return t.skip('this is one');
  mkdirSync(at('open'));
  chmodSync(at('.'), 0o755);
  chmodSync(at('open'), 0o777);
  const nobody = '/usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups ';
  if (bash(`${nobody} "$UNROLL" --version && ${nobody} cat "$1"`, names).status !== 0) return t.skip('nobody may not start the program');
  const run = bash(`cd open && ${nobody} "$UNROLL" "$@" --log /dev/stderr --out model.safetensors`, ...few);
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stderr, /^\{"step":3,/m);
  assert.equal(statSync(at('open/model.safetensors')).uid, 65534);
  // A file that is one's own in a folder that is not, and a folder that is not.
  mkdirSync(at('closed'));
  writeFileSync(at('closed/own.safetensors'), 'old');
  chownSync(at('closed/own.safetensors'), 65534, 65534);
  const over = bash(`${nobody} "$UNROLL" "$@" --out closed/own.safetensors`, ...few);
  assert.equal(over.status, 0, over.stderr);
  loads('closed/own.safetensors');
  const refused = bash(`${nobody} "$UNROLL" "$@" --out closed/new.safetensors`, ...small, '--steps', '100000000');
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /closed\/new\.safetensors: cannot be written: Permission denied/);
});

test('one file under two names is refused before anything is opened', () => {
  const text = 'the text, which is dear to somebody. '.repeat(20);
  writeFileSync(at('own.txt'), text);
  symlinkSync('own.txt', at('soft.txt'));
  linkSync(at('own.txt'), at('hard.txt'));
  json('train', '--text', 'own.txt', '--hidden', '4', '--steps', '3', '--out', 'own.safetensors', '--log', 'own.jsonl');
  const model = readFileSync(at('own.safetensors'));
  writeFileSync(at('own.json'), '{"unroll": 1}');
  const learn = ['train', '--text', 'own.txt', '--hidden', '4', '--steps', '3'];
  for (const name of ['own.txt', './own.txt', at('own.txt'), 'soft.txt', 'hard.txt']) {
    fails(/--out \S+: is the same file as --text own\.txt/, ...learn, '--out', name);
    fails(/--log \S+: is the same file as --text own\.txt/, ...learn, '--log', name);
  }
  fails(/is the same file as --out new/, ...learn, '--out', 'new', '--log', `${at('.')}/new`);
  fails(/is the same file as --resume/, 'train', '--resume', 'own.safetensors', '--steps', '9', '--log', 'own.safetensors');
  fails(/is the same file as --experiment/, 'train', '--experiment', 'own.json', '--out', 'own.json');
  fails(/is the same file as --example/, 'train', '--example', 'verse', '--steps', '1', '--log',
    join(root, 'examples', 'verse.txt'));
  const shell = bash('"$UNROLL" "$@" --log lines 2> lines', ...learn);
  assert.equal(shell.status, 2);
  assert.equal(bash('"$UNROLL" "$@" --out /dev/stdout --json > both', ...learn).status, 2);
  assert.equal(readFileSync(at('own.txt'), 'utf8'), text);
  assert.ok(readFileSync(at('own.safetensors')).equals(model));
  assert.ok(!existsSync(at('new')));
  // But a training goes on in its own file.
  symlinkSync('own.safetensors', at('on.safetensors'));
  json('train', '--resume', 'own.safetensors', '--steps', '5', '--out', 'on.safetensors', '--log', 'own.jsonl');
});

test('temporary files that killed runs left are removed, those of others are not', () => {
  const host = hostname().slice(0, 32).replace(/[^A-Za-z0-9]/g, '_');
  const old = new Date(Date.now() - 2 * 3600e3);
  const left = { here: `m.safetensors.part-${host}-123-0123456789abcdef`, elsewhere: 'm.safetensors.part-box-7-0123456789abcdef' };
  const kept = ['m.safetensors.part-notes', 'm.safetensors.part-two-12-0123456789abcdef', `m.safetensors.part-${host}-1-00000000000000aa`,
    'other.part-1'];
  for (const name of [...Object.values(left), ...kept]) writeFileSync(at(name), 'half a model');
  utimesSync(at(left.elsewhere), old, old);
  utimesSync(at('m.safetensors.part-notes'), old, old);
  // The third is being written: it is locked.
  const run = bash('exec 9< "$1"; flock 9; shift; "$UNROLL" "$@" 9<&-', kept[2], ...few, '--out', 'm.safetensors');
  assert.equal(run.status, 0, run.stderr);
  for (const name of Object.values(left)) assert.ok(!existsSync(at(name)), name);
  for (const name of kept) assert.ok(existsSync(at(name)), name);
  const long = `${'ä'.repeat(120)}.safetensors`;
  json(...few, '--out', long);
  loads(long);
});

test('runs that save into one file at once leave one of their models, and nothing else', async () => {
  const runs = [1, 2, 3, 4, 5].map((seed) => start(program, [...few, '--seed', String(seed), '--out', 'shared.safetensors']));
  for (const { ended, told } of runs) assert.equal((await ended).status, 0, told.stderr);
  loads('shared.safetensors');
  assert.deepEqual(readdirSync(at('.')).filter((name) => name.startsWith('shared')), ['shared.safetensors']);
});

test('a last line of the log that a kill cut off is taken out, one without its end gets it', () => {
  const flags = ['train', '--resume', 'log.safetensors', '--log', 'log.jsonl', '--steps'];
  json(...few, '--out', 'log.safetensors', '--log', 'log.jsonl');
  const whole = readFileSync(at('log.jsonl'), 'utf8');
  writeFileSync(at('log.jsonl'), `${whole}{"step": 4, "lo`);
  const steps = () => lines(readFileSync(at('log.jsonl'), 'utf8')).filter((line) => 'loss' in line).map((line) => line.step);
  json(...flags, '5');
  assert.deepEqual(steps(), [1, 2, 3, 4, 5]);
  writeFileSync(at('log.jsonl'), whole.trimEnd());
  json(...flags, '5');
  assert.deepEqual(steps(), [1, 2, 3, 4, 5]);
});
