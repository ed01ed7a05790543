// The tutorials of examples/tutorials beside a site: `tutorials`, and the package's files as `unroll-rnn` for the one that uses it.
//
//   node tools/tutorials.mjs [SITE] [OUT]      by default build/web/site and build/dist
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { packageFiles } from './package.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** @param {string} site the built site @param {string} out what a web server hands out */
export function makeTutorials(site, out) {
  const from = `${root}/examples/tutorials`, to = `${out}/tutorials`;
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true, filter: (name) => !/\.md$|site\.mjs$/.test(name) });
  execFileSync(process.execPath, [`${from}/site.mjs`, from, to], { stdio: ['ignore', 'inherit', 'inherit'] });
  packageFiles(site, `${out}/unroll-rnn`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [site = `${root}/build/web/site`, out = `${root}/build/dist`] = process.argv.slice(2);
  makeTutorials(path.resolve(site), path.resolve(out));
}
