// The `unroll` program for tests: started in a folder of its own, given flags, stopped. UNROLL_CLI names another binary.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const program = process.env.UNROLL_CLI ?? join(root, 'build', 'native', 'unroll');
/** A text that is quickly learned: names of places, a line each. */
export const names = join(root, 'tests', 'cli', 'names.txt');
/** Flags of a training that takes milliseconds a step. */
export const small = ['train', '--text', names, '--hidden', '24', '--batch', '8', '--seq-length', '16', '--rate', '0.01'];
/** Steps that no test waits for. */
export const endless = ['--steps', '1000000'];

let folder = '';
/** A path in the folder of this test file. @param {string} name */
export const at = (name) => join(folder, name);

before(() => {
  assert.ok(existsSync(program), `${program} is missing: cmake --build --preset native --target unroll`);
  folder = mkdtempSync(join(tmpdir(), 'unroll-cli-'));
  symlinkSync(join(root, 'examples'), at('examples'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** @param {string} command @param {string[]} flags @param {import('node:child_process').SpawnSyncOptions} [options] */
function run(command, flags, options) {
  const { status, signal, stdout, stderr } = spawnSync(command, flags, { cwd: folder, ...options, encoding: 'utf8' });
  return { status, signal, stdout, stderr, last: (stdout ?? '').trimEnd().split('\n').at(-1) ?? '' };
}
/** @param {string[]} flags */
export const unroll = (...flags) => run(program, flags);

/**
 * A script of bash in which $UNROLL is the program and the arguments are "$@".
 * @param {string} script @param {string[]} args
 */
export const bash = (script, ...args) =>
  run('bash', ['-c', script, 'bash', ...args], { env: { ...process.env, UNROLL: program } });

/** Runs to success and returns the JSON object of the last line. @param {string[]} flags */
export function json(...flags) {
  const result = unroll(...flags, '--json');
  assert.equal(result.status, 0, result.stderr);
  return JSON.parse(result.last);
}

/** What a terminal shows and nothing that it does: no control character but line feeds, no change of direction. */
export function harmless(/** @type {string} */ text) {
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(text, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/, JSON.stringify(text.slice(0, 400)));
}

/** Runs to an error: exit code 2, nothing on stdout, and on stderr a message that matches, is short and harmless. */
export function fails(/** @type {RegExp} */ message, /** @type {string[]} */ ...flags) {
  const result = unroll(...flags);
  const shown = `${flags.join(' ').slice(0, 300)}\n${result.stdout.slice(0, 300)}${result.stderr.slice(0, 3000)}`;
  assert.equal(result.status, 2, shown);
  assert.equal(result.stdout, '', shown);
  assert.match(result.stderr, /^unroll: /, shown);
  assert.match(result.stderr, message, shown);
  harmless(result.stderr);
  assert.ok(result.stderr.length < 3000, `${result.stderr.length} characters`);
}

/**
 * Starts something and gathers what it says. `said` resolves when standard error matches, `ended` at its end.
 * @param {string} command @param {string[]} flags
 */
export function start(command, flags) {
  const child = spawn(command, flags, { cwd: folder, env: { ...process.env, UNROLL: program } });
  const told = { stdout: '', stderr: '' };
  /** @type {(() => void)[]} */
  let listeners = [];
  for (const stream of /** @type {const} */ (['stdout', 'stderr'])) {
    child[stream].on('data', (data) => {
      told[stream] += data;
      for (const listener of listeners) listener();
    });
  }
  /** @type {Promise<{ status: number | null, signal: string | null }>} */
  const ended = new Promise((resolve) => child.on('close', (status, signal) => resolve({ status, signal })));
  /** @param {RegExp} pattern @returns {Promise<void>} */
  const said = (pattern) => new Promise((resolve, reject) => {
    const look = () => pattern.test(told.stderr) && resolve();
    listeners.push(look);
    look();
    ended.then(() => reject(new Error(`it ended and never said ${pattern}:\n${told.stderr}`)));
  });
  return { child, told, said, ended };
}
