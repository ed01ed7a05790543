// When something is missing, the page says what, and what to do next; it never stays on "Loading…" or goes blank.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newVisitor, useSite } from './site.mjs';

const site = useSite();

/**
 * Visits the page after `prepare`, and returns the text of the panel that appears.
 * @param {(page: import('playwright-core').Page) => Promise<unknown>} prepare
 */
async function failure(prepare) {
  const { page } = await newVisitor(site);
  await prepare(page);
  await page.goto(site.address);
  await page.locator('#failure').waitFor();
  assert.equal(await page.locator('#loading').isVisible(), false);
  const text = await page.locator('#failure').innerText();
  return text;
}

test('without WebAssembly', async () => {
  const text = await failure((page) => page.addInitScript('delete globalThis.WebAssembly'));
  assert.match(text, /no WebAssembly/);
  assert.match(text, /Chrome/);
});

test('without SIMD', async () => {
  const text = await failure((page) => page.addInitScript('WebAssembly.validate = () => false'));
  assert.match(text, /no WebAssembly SIMD/);
  assert.match(text, /Firefox/);
});

test('without WebGL 2', async () => {
  const text = await failure((page) => page.addInitScript(`
    const get = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
      return kind === 'webgl2' ? null : get.call(this, kind, ...rest);
    };`));
  assert.match(text, /WebGL 2/);
  assert.match(text, /hardware acceleration/);
});

for (const name of ['playground.wasm', 'engine-relaxed.wasm', 'assets/inter.ttf', 'playground.mjs', 'main.mjs', 'bridge.mjs', 'hash.mjs',
  'page.mjs', 'assets.mjs', 'style.css'])
  test(`with ${name} missing on the server`, async () => {
    const text = await failure((page) => page.route(`**/${name}`, (route) => route.fulfill({ status: 404 })));
    assert.ok(text.includes(name), text);
    assert.match(text, /reload/i);
  });

test('with a file that never comes, "Loading…" says which', async () => {
  const { page } = await newVisitor(site);
  await page.addInitScript(() => {  // the page waits 8 s; here 1 s
    const wait = window.setTimeout;
    Object.assign(window, { setTimeout: (/** @type {TimerHandler} */ f, /** @type {number} */ ms) => wait(f, ms >= 8000 ? ms / 8 : ms) });
  });
  await page.route('**/engine-relaxed.wasm', () => {});
  await page.goto(site.address);
  await page.locator('#loading', { hasText: 'engine-relaxed.wasm did not come yet' }).waitFor();
});

test('with the connection gone', async () => {
  const text = await failure((page) => page.route('**/playground.wasm', (route) => route.abort()));
  assert.match(text, /no answer from 127\.0\.0\.1/);
});

for (const name of ['worker.mjs', 'engine-relaxed.mjs'])
  test(`with the worker's ${name} missing`, async () => {
    const text = await failure((page) => page.context().route(`**/${name}`, (route) => route.fulfill({ status: 404 })));
    assert.match(text, /engine/);
    assert.match(text, /reload/i);
  });

test('without JavaScript the page says that it needs it', async () => {
  const { page } = await newVisitor(site, { javaScriptEnabled: false });
  await page.goto(site.address);
  assert.match(await page.locator('noscript').innerText(), /needs JavaScript/);
  assert.equal(await page.locator('#loading').isVisible(), false);
});
