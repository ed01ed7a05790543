// The site as it leaves the house: in a folder for web servers, and as one file.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { makeDist } from '../../tools/dist.mjs';
import { exportPage } from '../../tools/export.mjs';
import { packageFiles } from '../../tools/package.mjs';
import { root } from '../browser.mjs';
import { attributeOf, call } from './host.mjs';
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

test('one file with networks in it: it opens as they were, their lanes side by side', async () => {
  packageFiles(built, `${folder}/unroll-rnn`);
  const { Lane } = await import(pathToFileURL(`${folder}/unroll-rnn/node.js`).href);
  const learned = { ...experiment, lanes: [{ cell: 'rnn', hidden: 12 }, { cell: 'gru', hidden: 10 }], view: {} };
  const names = await Promise.all([[0, 20], [1, 30]].map(async ([number, steps]) => {
    const lane = await Lane.create(learned, { lane: number });
    await lane.train({ steps });
    const name = `${folder}/${number}.safetensors`;
    writeFileSync(name, await lane.save());
    await lane.dispose();
    return name;
  }));
  writeFileSync(`${folder}/view.json`, JSON.stringify({ view: { show: ['header', 'samples'] } }));
  const out = `${folder}/networks.html`;
  execFileSync(process.execPath, [`${root}/tools/export.mjs`, ...names, `${folder}/view.json`, '-o', out, '--site', built]);
  const { page, problems } = await newVisitor(site, { offline: true });
  /** @type {string[]} */ const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(out).href);
  await page.waitForFunction(() => window.unroll?.state().lanes?.map((/** @type {any} */ { step }) => step).join() === '20,30');
  const { lanes, experiment: shown } = await page.evaluate(() => window.unroll.state());
  assert.deepEqual(lanes.map((/** @type {any} */ { name }) => name), ['RNN 12', 'GRU 10']);
  assert.deepEqual(shown.view.show, ['header', 'samples']);
  assert.equal(shown.data.text, experiment.data.text);
  await page.locator('[data-action=train]').press('Enter');
  await page.waitForFunction(() => window.unroll.state().step > 40);
  assert.deepEqual(asked.filter((url) => !/^(data|blob):/.test(url)), [pathToFileURL(out).href]);
  assert.deepEqual(problems, []);

  // What does not belong together is refused in words.
  const other = await Lane.create({ ...learned, data: { text: 'quite another text. '.repeat(30) } });
  writeFileSync(`${folder}/other.safetensors`, await other.save());
  await other.dispose();
  const refused = spawnSync(process.execPath, [`${root}/tools/export.mjs`, names[0], `${folder}/other.safetensors`, '-o', out], { encoding: 'utf8' });
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /other\.safetensors: learned other data than 0\.safetensors/);
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
      'Access-Control-Allow-Origin': '*',
      ...(zipped ? { 'Content-Encoding': 'gzip' } : {}),
      'Cache-Control': name.startsWith(version) ? 'public, max-age=31536000, immutable' : 'no-cache',
    }).end(readFileSync(zipped ? `${file}.gz` : file));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/course/unroll/`;
  const { page, problems } = await newVisitor(site);
  await page.goto(`${address}#${encodeURIComponent(JSON.stringify(experiment))}`);
  await trains(page);
  // The service worker, if it came so far, asks for the page once more (offline.test.mjs).
  assert.deepEqual([...new Set(served.filter((name) => !name.startsWith(`${version}/`) && name !== 'offline.js'))], ['index.html']);
  assert.ok(served.includes(`${version}/playground.wasm`) && existsSync(`${folder}/dist/${version}/playground.wasm.br`));
  assert.deepEqual(problems, []);

  // A page of another origin takes the element from there.
  const figure = `<unroll-playground load="eager" view="curves" experiment="${attributeOf(experiment)}"></unroll-playground>`;
  const host = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html').end(`<!doctype html><title>host</title><script type="module" src="${address}unroll-playground.mjs"></script>${figure}`);
  });
  await new Promise((resolve) => host.listen(0, '127.0.0.1', () => resolve(undefined)));
  after(() => {
    host.closeAllConnections();
    host.close();
  });
  const visitor = await newVisitor(site);
  await visitor.page.goto(`http://localhost:${/** @type {import('node:net').AddressInfo} */ (host.address()).port}/`);
  assert.equal((await call(visitor.page, 'train', [4])).running, false);
  assert.equal(visitor.page.frames()[1].url().startsWith(address), true);
});
