// Makes the npm package from the built site and package/: build/package/unroll-rnn-VERSION.tgz, and beside it the
// unpacked folder `files`.
//
//   node tools/package.mjs [SITE] [OUT]      by default build/web/site and build/package
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { classicWorker } from '../web/page/classic.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Modules of the page that the package has, too. */
const shared = ['messages.mjs', 'simd.mjs'];

/**
 * The two engines differ in their code, not in the script around it, so one worker runs either.
 * @param {string} site
 */
function workerSource(site) {
  const glue = (/** @type {string} */ engine) => readFileSync(`${site}/engine-${engine}.mjs`, 'utf8');
  const simd = glue('simd');
  if (simd.replaceAll('engine-simd', '') !== glue('relaxed').replaceAll('engine-relaxed', ''))
    throw new Error('the scripts around the two engines differ: worker.js needs both');
  return classicWorker(readFileSync(`${root}/web/page/worker.mjs`, 'utf8'), simd);
}

/** @param {Uint8Array} bytes */
const inlineEngine = (bytes) => `// engine-simd.wasm, for places where its file is not to be had; made by tools/package.mjs.
const packed = '${deflateRawSync(bytes, { level: 9 }).toString('base64')}';

/** @returns {Promise<ArrayBuffer>} */
export function engine() {
  const bytes = Uint8Array.from(atob(packed), (symbol) => symbol.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).arrayBuffer();
}
`;

/**
 * What runs of the package, without its types.
 * @param {string} site the built site
 * @param {string} files the folder
 */
export function packageFiles(site, files) {
  mkdirSync(files, { recursive: true });
  const own = readdirSync(`${root}/package`);
  for (const name of own) {
    const text = readFileSync(`${root}/package/${name}`, 'utf8');
    writeFileSync(`${files}/${name}`, text.replaceAll("'../web/page/", "'./"));
  }
  for (const name of shared) cpSync(`${root}/web/page/${name}`, `${files}/${name}`);
  cpSync(`${root}/LICENSE`, `${files}/LICENSE`);
  for (const engine of ['simd', 'relaxed']) cpSync(`${site}/engine-${engine}.wasm`, `${files}/engine-${engine}.wasm`);
  const worker = workerSource(site);
  writeFileSync(`${files}/worker.js`, worker);
  writeFileSync(`${files}/inline_worker.js`,
    `// worker.js as a text, for a blob; made by tools/package.mjs.\n/** @type {string} */\nexport const workerSource = ${JSON.stringify(worker)};\n`);
  writeFileSync(`${files}/inline_engine.js`, inlineEngine(readFileSync(`${site}/engine-simd.wasm`)));
}

/**
 * @param {string} site the built site
 * @param {string} out is emptied
 * @returns {string} the tarball
 */
export function makePackage(site, out) {
  const files = `${out}/files`;
  rmSync(out, { recursive: true, force: true });
  packageFiles(site, files);
  execFileSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '--allowJs', '--checkJs', '--strict', '--declaration',
    '--emitDeclarationOnly', '--target', 'ES2022', '--lib', 'ES2022,DOM,DOM.Iterable', '--module', 'ESNext', '--moduleResolution', 'Bundler',
    '--skipLibCheck', '--types', 'node', '--typeRoots', `${root}/node_modules/@types`, `${files}/index.js`], { stdio: ['ignore', 'inherit', 'inherit'] });
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', out], { cwd: files, encoding: 'utf8' });
  return path.join(out, JSON.parse(packed)[0].filename);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [site = `${root}/build/web/site`, out = `${root}/build/package`] = process.argv.slice(2);
  console.log(makePackage(path.resolve(site), path.resolve(out)));
}
