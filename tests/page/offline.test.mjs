// A site of `./run dist` without a network: it opens after one visit, and its files are of one version.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { makeDist } from '../../tools/dist.mjs';
import { root } from '../browser.mjs';
import { newVisitor, patience, useSite } from './site.mjs';

const site = useSite();
const built = process.env.UNROLL_SITE ?? `${root}/build/web/site`;
const folder = mkdtempSync(path.join(tmpdir(), 'unroll-offline-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A version of the site: the built one, told apart by a word. @param {string} word @param {boolean} [offline] */
function version(word, offline = true) {
  const own = `${folder}/site-${word}`;
  cpSync(built, own, { recursive: true });
  for (const [file, text] of [['main.mjs', `window.unrollVersion = '${word}';\n`], ['style.css', `html { --version: ${word}; }\n`]])
    writeFileSync(`${own}/${file}`, readFileSync(`${own}/${file}`, 'utf8') + text);
  makeDist(own, `${folder}/${word}`, 1, offline);
  rmSync(own, { recursive: true });
  return word;
}

const types = /** @type {Record<string, string>} */ ({ '.html': 'text/html', '.mjs': 'text/javascript', '.js': 'text/javascript', '.wasm': 'application/wasm', '.css': 'text/css', '.svg': 'image/svg+xml' });

/** Hands out one version after another, below any path that ends in /unroll/. */
async function host() {
  /** @type {{version: string, page: string, change: (name: string, bytes: Buffer) => Buffer | null}} */
  const now = { version: '', page: '', change: (_, bytes) => bytes };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://x');
    if (pathname === '/page.html') return response.writeHead(200, { 'Content-Type': 'text/html' }).end(now.page);
    const name = pathname.replace(/^.*\/unroll\//, '') || 'index.html', file = `${folder}/${now.version}/${name}`;
    const bytes = pathname.includes('/unroll/') && existsSync(file) && statSync(file).isFile() ? now.change(name, readFileSync(file)) : null;
    if (!bytes) return response.writeHead(404).end();
    response.writeHead(200, {
      'Content-Type': types[path.extname(name)] ?? 'text/plain',
      'Cache-Control': name.startsWith('v-') ? 'public, max-age=31536000, immutable' : 'no-cache',
    }).end(bytes);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  after(close);
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { now, close, address: `http://127.0.0.1:${port}` };
}

const experiment = { unroll: 1, data: { text: 'one two three four five. '.repeat(40) }, lanes: [{ cell: 'rnn', hidden: 12 }], view: { autoplay: true } };
const hash = (/** @type {any} */ one = experiment) => `#${encodeURIComponent(JSON.stringify(one))}`;

/** Waits until it trains; which version it is, by what its script, its style and the names of all its files say. @param {import('playwright-core').Page} page */
async function versionOf(page) {
  await page.waitForFunction(() => window.unroll?.state().step > 5, null, { timeout: patience });
  const told = await page.evaluate(() => ({
    script: /** @type {any} */ (window).unrollVersion,
    style: getComputedStyle(document.documentElement).getPropertyValue('--version').trim(),
    folders: [...new Set(performance.getEntriesByType('resource').map(({ name }) => /\/(v-[0-9a-f]+)\//.exec(name)?.[1]).filter(Boolean))],
  }));
  assert.equal(told.script, told.style);
  const own = readdirSync(`${folder}/${told.script}`).filter((name) => name.startsWith('v-'));
  assert.deepEqual(told.folders, own, 'every file that was asked for is of this version');
  return told.script;
}

/** @param {import('playwright-core').Page | import('playwright-core').Frame} page @param {() => Promise<boolean>} there what is asked in it */
async function until(page, there) {
  for (const end = Date.now() + patience; !(await page.evaluate(there)); await new Promise((resolve) => setTimeout(resolve, 100)))
    assert.ok(Date.now() < end, String(there));
}

/** @param {import('playwright-core').Page} page */
const ready = (page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

test('offline: after one visit it opens and trains without its server', async () => {
  const server = await host();
  server.now.version = version('alone');
  const { page, problems } = await newVisitor(site);
  const address = `${server.address}/course/unroll/`;
  await page.goto(address + hash());
  assert.equal(await versionOf(page), 'alone');
  await ready(page);
  server.close();
  await page.goto('about:blank');
  await page.goto(`${address}index.html?from=a-bookmark${hash()}`);
  assert.equal(await versionOf(page), 'alone');
  const second = await page.context().newPage();
  await second.goto(address + hash());
  assert.equal(await versionOf(second), 'alone');
  await second.reload();
  assert.equal(await versionOf(second), 'alone');
  assert.deepEqual(problems, []);
});

test('offline: a new version takes over whole, at the next visit; one that is not whole never does', async () => {
  const server = await host();
  server.now.version = version('first');
  const { page } = await newVisitor(site);
  const context = page.context(), address = `${server.address}/unroll/`;
  await page.goto(address + hash());
  assert.equal(await versionOf(page), 'first');
  await ready(page);

  // The server is in the middle of getting the second version: one of its files is still cut off.
  server.now.version = version('second');
  server.now.change = (name, bytes) => (name.endsWith('/lanes.mjs') ? bytes.subarray(0, 100) : bytes);
  await page.reload();
  assert.equal(await versionOf(page), 'first');
  const failed = await page.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => registration?.update().then(
    () => new Promise((resolve) => {
      const worker = registration.installing;
      if (!worker) resolve('none');
      else worker.onstatechange = () => ['redundant', 'installed'].includes(worker.state) && resolve(worker.state);
    }))));
  assert.ok(['redundant', 'none'].includes(String(failed)), String(failed));
  assert.equal(await page.evaluate(() => caches.keys().then((names) => names.length)), 1, 'nothing of it is kept');
  await page.reload();
  assert.equal(await versionOf(page), 'first');

  // It has it whole; the page that is open stays what it is, and has its own files without a server that knows them.
  const old = readdirSync(`${folder}/first`).find((name) => name.startsWith('v-'));
  server.now.change = (_, bytes) => bytes;
  await page.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => registration?.update()));
  await until(page, () => caches.keys().then((names) => names.length === 2));
  await until(page, () => navigator.serviceWorker.getRegistration().then((registration) =>
    registration?.active?.state === 'activated' && !registration.waiting && !registration.installing));
  assert.equal(await versionOf(page), 'first');
  assert.equal(await page.evaluate((name) => fetch(name).then(({ status }) => status), `${old}/worker.mjs`), 200);
  await page.reload();
  assert.equal(await versionOf(page), 'second');
  server.now.version = 'first';  // as if the server were somewhere else altogether: what counts is what was kept
  server.now.change = () => null;
  const next = await context.newPage();
  await next.goto(address + hash());
  assert.equal(await versionOf(next), 'second');
  await next.close();
  await page.close();

  // Given up by whoever runs the server. A page that is open keeps its files, the next visit has the server's page, and once none is
  // open nothing stays in the browser.
  const open = await context.newPage();
  await open.goto(address + hash());
  assert.equal(await versionOf(open), 'second');
  const kept = readdirSync(`${folder}/second`).find((file) => file.startsWith('v-'));
  server.now.version = version('third', false);
  server.now.change = (_, bytes) => bytes;
  await open.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => registration?.update()));
  await until(open, () => navigator.serviceWorker.getRegistration().then((registration) => Boolean(registration?.waiting)));
  assert.equal(await open.evaluate((file) => fetch(file).then(({ status }) => status), `${kept}/worker.mjs`), 200);
  const visit = await context.newPage();
  await visit.goto(address + hash());
  assert.equal(await versionOf(visit), 'third');
  await visit.close();
  await open.reload();
  assert.equal(await versionOf(open), 'third');
  await open.close();
  const beside = await context.newPage();
  await beside.goto(`${server.address}/page.html`);  // outside of its folder: not a page that it waits for
  await until(beside, async () => (await navigator.serviceWorker.getRegistrations()).length + (await caches.keys()).length === 0);
  await beside.goto(address + hash());
  assert.equal(await versionOf(beside), 'third');
});

test('offline: in a frame of another site only where the experiment asks that something be kept', async () => {
  const server = await host(), other = await host();  // two ports: two origins
  server.now.version = version('framed');
  const frame = (/** @type {string} */ below, /** @type {any} */ one) =>
    `<iframe name="${below}" style="width:600px;height:500px" src="${server.address}/${below}/unroll/${hash(one).replaceAll('"', '%22')}"></iframe>`;
  other.now.page = `<!doctype html><body>${frame('quiet', experiment)}${frame('asked', { ...experiment, view: { autoplay: true, keep: 'on' } })}`;
  const { page } = await newVisitor(site);
  await page.goto(`${other.address}/page.html`);
  const [quiet, asked] = ['quiet', 'asked'].map((name) => /** @type {import('playwright-core').Frame} */ (page.frame(name)));
  for (const one of [quiet, asked]) await one.waitForFunction(() => window.unroll?.state().step > 5, null, { timeout: patience });
  const scopes = () => asked.evaluate(() => navigator.serviceWorker.getRegistrations().then((all) => all.map(({ scope }) => new URL(scope).pathname)));
  await until(asked, () => navigator.serviceWorker.getRegistration().then((registration) => Boolean(registration?.active)));
  await page.waitForTimeout(3500);  // as long as the page that may waits
  assert.deepEqual(await scopes(), ['/asked/unroll/']);
});
