// Makes one HTML file of the site and an experiment, which opens from a disk, asks nobody for anything, and trains; with
// networks that were saved it opens as they were.
//
//   node tools/export.mjs EXPERIMENT.json|FILE.unroll|NETWORK.safetensors… -o FIGURE.html [--site SITE]
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';

import { unrollFileOf } from './unroll_file.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Modules find each other by these names: in one file there are no addresses. */
const prefix = 'unroll/';
/** Nothing is sent or fetched, whatever stands in the experiment. */
const policy = "default-src 'none'; script-src 'unsafe-inline' data: 'wasm-unsafe-eval'; style-src 'unsafe-inline'; worker-src blob:; font-src data:; img-src data: blob:; base-uri 'none'; form-action 'none'";

/** Unpacks what the file holds, in the page. */
const unpack = `
window.unrollEarly = {};
window.unrollExperiment = document.getElementById('unroll-experiment')?.textContent;
window.unrollOpens = document.querySelector('script[data-opens]')?.dataset.name;
for (const element of document.querySelectorAll('script[type="unroll/file"]')) {
  const bytes = Uint8Array.from(atob(element.textContent), (symbol) => symbol.charCodeAt(0));
  window.unrollEarly[element.dataset.name] = Promise.resolve(new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))));
  element.remove();
}`;

const attribute = (/** @type {string} */ text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
/** JSON within a script: no tag can begin in it. @param {string} json */
const inScript = (json) => json.replaceAll('<', '\\u003c');

/**
 * @param {string} site the built site
 * @param {string|null} experiment JSON, not validated: the page does that, and says what is wrong
 * @param {Buffer|null} [saved] a .unroll file, which is opened instead
 * @returns {string} the page
 */
export function exportPage(site, experiment, saved = null) {
  const read = (/** @type {string} */ name) => readFileSync(`${site}/${name}`);
  const modules = readdirSync(site).filter((name) => name.endsWith('.mjs') && !/^(engine-|worker|unroll-playground|embed_)/.test(name));
  const imports = Object.fromEntries(modules.map((name) => {
    const source = String(read(name)).replace(/(\bfrom '|\bimport\(')\.\//g, `$1${prefix}`);
    return [prefix + name, `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`];
  }));
  const assets = readdirSync(`${site}/assets`, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => path.relative(site, path.join(entry.parentPath ?? entry.path, entry.name)));
  const file = (/** @type {string} */ name, /** @type {Buffer} */ bytes, more = '') =>
    `<script type="unroll/file" data-name="${attribute(name)}"${more}>${deflateRawSync(bytes, { level: 9 }).toString('base64')}</script>`;
  const files = ['playground.wasm', 'worker.mjs', 'engine-simd.mjs', 'engine-simd.wasm', 'engine-relaxed.mjs', 'engine-relaxed.wasm', ...assets]
    .map((name) => file(name, read(name)));
  if (saved) files.push(file('figure.unroll', saved, ' data-opens'));
  const script = (/** @type {string} */ text) => `<script>${text}</script>`;
  const head = [
    `<style>${read('style.css')}</style>`,
    `<link rel="icon" href="data:image/svg+xml;base64,${read('icon.svg').toString('base64')}">`,
    `<script type="importmap">${inScript(JSON.stringify({ imports }))}</script>`,
  ].join('\n');
  const tail = [
    ...(experiment === null ? [] : [`<script type="application/json" id="unroll-experiment">${inScript(experiment)}</script>`]),
    ...files,
    script(unpack),
    `<script type="module">import '${prefix}main.mjs';</script>`,
  ].join('\n');
  return String(read('index.html'))
    .replace(/(<meta http-equiv="Content-Security-Policy" content=")[^"]*/, (_, start) => start + policy)
    .replace(/ *<(?:link|script)\b[^>]*(?:href|src)="[^"]*"[^>]*>(?:<\/script>)?\n/g, '')
    .replace('</head>', () => `${head}\n</head>`)
    .replace('</body>', () => `${tail}\n</body>`);
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(2);
}

const usage = 'usage: ./run export EXPERIMENT.json -o FIGURE.html\n' +
  '       ./run export FILE.unroll -o FIGURE.html\n' +
  '       ./run export NETWORK.safetensors… [EXPERIMENT.json] -o FIGURE.html     of the experiment its view';

/** @param {string} name @returns {Buffer} */
function readGiven(name) {
  try {
    return readFileSync(name);
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    return fail(`${name}: ${code === 'ENOENT' ? 'no such file' : message}`);
  }
}

/**
 * @param {string[]} names
 * @returns {{experiment: string|null, saved: Buffer|null}}
 */
function readAll(names) {
  const of = (/** @type {string} */ ending) => names.filter((name) => name.toLowerCase().endsWith(ending));
  const wholes = of('.unroll'), networks = of('.safetensors');
  const documents = names.filter((name) => !wholes.includes(name) && !networks.includes(name));
  if (documents.length > 1) fail(`${documents[1]}: a figure has one experiment`);
  if (wholes.length > 0 && names.length > 1) fail(`${wholes[0]}: holds a whole experiment; give nothing beside it`);
  const text = documents.length ? String(readGiven(documents[0])) : null;
  /** @type {any} */ let document = {};
  try {
    document = JSON.parse(text ?? '{}');
  } catch (error) {
    fail(`${documents[0]} is no JSON: ${/** @type {Error} */ (error).message}`);
  }
  if (wholes.length) return { experiment: null, saved: readGiven(wholes[0]) };
  if (!networks.length) return { experiment: text, saved: null };
  try {
    return { experiment: null, saved: unrollFileOf(networks.map((name) => ({ name: path.basename(name), file: readGiven(name) })), document.view) };
  } catch (error) {
    return fail(/** @type {Error} */ (error).message);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  let site = `${root}/build/web/site`, out = '';
  /** @type {string[]} */ const from = [];
  for (let words = process.argv.slice(2); words.length; ) {
    const word = words.shift() ?? '';
    if (word === '-o') out = words.shift() ?? '';
    else if (word === '--site') site = words.shift() ?? '';
    else if (!word.startsWith('-')) from.push(word);
    else fail(`${word}: unknown\n${usage}`);
  }
  if (!from.length || !out) fail(usage);
  const { experiment, saved } = readAll(from);
  const page = exportPage(site, experiment, saved);
  writeFileSync(out, page);
  console.log(`${out}: ${(page.length / 1e6).toFixed(1)} MB`);
}
