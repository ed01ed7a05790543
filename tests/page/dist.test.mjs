// The site as it leaves the house: in a folder for web servers, and as one file.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { makeDist } from '../../tools/dist.mjs';
import { exportPage } from '../../tools/export.mjs';
import { root } from '../browser.mjs';
import { newVisitor, useSite } from './site.mjs';

const site = useSite();
const built = process.env.UNROLL_SITE ?? `${root}/build/web/site`;
const folder = mkdtempSync(path.join(tmpdir(), 'unroll-dist-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const experiment = { unroll: 1, data: { text: 'one two three </script> four five. '.repeat(40) }, lanes: [{ cell: 'rnn', hidden: 12 }], view: { autoplay: true } };

/** @param {import('playwright-core').Page} page */
const trains = (page) => page.waitForFunction(() => window.unroll?.state().step > 5);

test('one file: it trains from a disk and asks for nothing', async () => {
  writeFileSync(`${folder}/figure.html`, exportPage(built, JSON.stringify(experiment)));
  const { page, problems } = await newVisitor(site, { offline: true });
  /** @type {string[]} */ const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(`${folder}/figure.html`).href);
  await trains(page);
  assert.deepEqual(asked.filter((url) => !/^(data|blob):/.test(url)), [pathToFileURL(`${folder}/figure.html`).href]);
  const state = await page.evaluate(() => window.unroll.state());
  assert.match(state.experiment.data.text, /<\/script>/);
  assert.deepEqual(problems, []);
});

test('for a web server: below a path, precompressed, every file but three under a name that is its content\'s', async () => {
  const { folder: version } = makeDist(built, `${folder}/dist`, 4);
  assert.equal(makeDist(built, `${folder}/again`, 4).folder, version);
  /** @type {string[]} */ const served = [];
  const types = /** @type {Record<string, string>} */ ({ '.html': 'text/html', '.mjs': 'text/javascript', '.js': 'text/javascript', '.wasm': 'application/wasm', '.css': 'text/css', '.svg': 'image/svg+xml' });
  const server = createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url ?? '', 'http://x').pathname).replace('/course/unroll/', '') || 'index.html';
    const file = `${folder}/dist/${name}`;
    if (!request.url?.startsWith('/course/unroll/') || !existsSync(file)) return response.writeHead(404).end();
    served.push(name);
    const zipped = existsSync(`${file}.gz`);
    response.writeHead(200, {
      'Content-Type': types[path.extname(name)] ?? 'text/plain',
      ...(zipped ? { 'Content-Encoding': 'gzip' } : {}),
      'Cache-Control': name.startsWith(version) ? 'public, max-age=31536000, immutable' : 'no-cache',
    }).end(readFileSync(zipped ? `${file}.gz` : file));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { page, problems } = await newVisitor(site);
  await page.goto(`http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/course/unroll/#${encodeURIComponent(JSON.stringify(experiment))}`);
  await trains(page);
  // The service worker, if it came so far, asks for the page once more (offline.test.mjs).
  assert.deepEqual([...new Set(served.filter((name) => !name.startsWith(`${version}/`) && name !== 'offline.js'))], ['index.html']);
  assert.ok(served.includes(`${version}/playground.wasm`) && existsSync(`${folder}/dist/${version}/playground.wasm.br`));
  assert.deepEqual(problems, []);
});
