// What the tests of the package share: the tarball that ./run package made, installed into empty folders; the bundlers.
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from '../browser.mjs';

export const run = promisify(execFile);

/** Small enough to learn in a moment. */
export const fox = { data: { text: 'The quick brown fox jumps over the lazy dog. '.repeat(40), valid: 0.1 }, lanes: [{ cell: 'lstm', hidden: 24 }] };

function tarball() {
  const made = `${root}/build/package`;
  const name = existsSync(made) && readdirSync(made).find((file) => file.endsWith('.tgz'));
  if (!name) throw new Error('there is no package: make it with ./run package');
  return path.join(made, name);
}

/** An empty folder that goes with the tests. */
export function emptyFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'unroll-package-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An empty folder, and in it the package as `npm install` puts it there. @returns {Promise<string>} */
export async function installed() {
  const folder = emptyFolder();
  writeFileSync(`${folder}/package.json`, '{"private": true, "type": "module"}');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--cache', `${folder}/cache`, tarball()], { cwd: folder });
  return folder;
}

/** The folder with Vite and webpack, installed once for each version of the list. @returns {Promise<string>} */
export async function bundlers() {
  const folder = `${root}/build/bundlers`, here = `${root}/tests/package`;
  const lock = readFileSync(`${here}/package-lock.json`, 'utf8');
  const mark = `${folder}/node_modules/.installed`;
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
    mkdirSync(folder, { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) copyFileSync(`${here}/${name}`, `${folder}/${name}`);
    await run('npm', ['ci', '--no-audit', '--no-fund', '--cache', `${root}/build/tools/npm-cache`], { cwd: folder });
    writeFileSync(mark, lock);
  }
  return folder;
}
