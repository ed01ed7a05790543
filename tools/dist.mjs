// Makes of the built site what a web server hands out for years: build/dist. index.html, unroll-playground.mjs and offline.js
// keep their names; everything else lies in a folder that is named by what it holds, so it may be kept for ever. Beside each file
// that it makes smaller stands its .gz and its .br. offline.js, the service worker, gets the names and hashes of the version's files.
//
//   node tools/dist.mjs [SITE] [OUT] [--no-offline]      by default build/web/site and build/dist
//
// --no-offline: pages need the network, and what earlier versions left in browsers for working without is removed there.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { makeTutorials } from './tutorials.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Files by which others find the site. */
const entries = ['index.html', 'unroll-playground.mjs', 'offline.js'];
const packable = /\.(html|css|js|mjs|json|txt|wasm|svg|ttf|vert|frag|glsl)$/;

/** @param {string} site @returns {Map<string, Buffer>} by name */
function filesOf(site) {
  const names = readdirSync(site, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => path.relative(site, path.join(entry.parentPath ?? entry.path, entry.name)));
  return new Map(names.sort().map((name) => [name, readFileSync(`${site}/${name}`)]));
}

const sha256 = (/** @type {Buffer} */ content) => createHash('sha256').update(content).digest('hex');

/** The service worker of this version. @param {Map<string, Buffer>} files @param {string} folder @param {boolean} offline */
function offlineOf(files, folder, offline) {
  const own = [...files].filter(([name]) => name === 'index.html' || !entries.includes(name));
  const hashes = Object.fromEntries(own.map(([name, content]) => [name === 'index.html' ? name : `${folder}/${name}`, sha256(content)]));
  const version = sha256(Buffer.from(JSON.stringify(hashes))).slice(0, 12);
  const script = String(files.get('offline.js')), empty = "const site = { version: '', files: {} };";
  if (!script.includes(empty)) throw new Error('offline.js has no place for the files of the version');
  return offline ? script.replace(empty, `const site = ${JSON.stringify({ version, files: hashes }, null, 1)};`) : script;
}

/**
 * @param {string} site @param {string} out is emptied
 * @param {number} [quality] of Brotli; 11, the best, takes half a minute
 * @param {boolean} [offline] the page works without a network after a visit
 * @returns {{folder: string, bytes: number, packed: number}}
 */
export function makeDist(site, out, quality = 11, offline = true) {
  const files = filesOf(site);
  const hash = createHash('sha256');
  for (const [name, content] of files) if (!entries.includes(name)) hash.update(`${name}\0${content.length}\0`).update(content);
  const folder = `v-${hash.digest('hex').slice(0, 12)}`;
  const index = String(files.get('index.html')).replace(/(<(?:script|link)\b[^>]*?\b(?:src|href)=")(?!https?:|data:|#)/g, `$1${folder}/`);
  files.set('index.html', Buffer.from(offline ? index.replace('<html ', '<html data-offline="offline.js" ') : index));
  files.set('offline.js', Buffer.from(offlineOf(files, folder, offline)));
  rmSync(out, { recursive: true, force: true });
  let bytes = 0, packed = 0;
  for (const [name, content] of files) {
    const file = path.join(out, entries.includes(name) ? name : `${folder}/${name}`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    bytes += content.length;
    if (!packable.test(name)) continue;
    const zipped = gzipSync(content, { level: 9 });
    const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } });
    if (zipped.length < content.length) writeFileSync(`${file}.gz`, zipped);
    if (brotli.length < content.length) writeFileSync(`${file}.br`, brotli);
    packed += Math.min(brotli.length, content.length);
  }
  return { folder, bytes, packed };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const flags = process.argv.slice(2);
  const unknown = flags.find((flag) => flag.startsWith('-') && flag !== '--no-offline');
  if (unknown) throw new Error(`${unknown}: is unknown (allowed: --no-offline)`);
  const [site = `${root}/build/web/site`, out = `${root}/build/dist`] = flags.filter((flag) => !flag.startsWith('-'));
  const { folder, bytes, packed } = makeDist(path.resolve(site), path.resolve(out), 11, !flags.includes('--no-offline'));
  const kilo = (/** @type {number} */ n) => `${Math.round(n / 1000)} kB`;
  makeTutorials(path.resolve(site), path.resolve(out));
  console.log(`${path.resolve(out)}: index.html, unroll-playground.mjs, offline.js, tutorials with the package they use, and ${folder}; ${kilo(bytes)}, with Brotli ${kilo(packed)}`);
}
