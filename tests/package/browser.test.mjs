// The package in Chromium: from its own folder under a strict security policy, from another origin, in a sandboxed frame,
// built by Vite and by webpack, and as Vite serves it while one develops.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { launchChromium, root } from '../browser.mjs';
import { bundlers, emptyFolder, installed } from './installed.mjs';
import { files, html, program, strict } from './pages.mjs';

/** @type {string} */ let own;  // the folder of the installed package
/** @type {import('playwright-core').Browser} */ let browser;
before(async () => {
  own = `${await installed()}/node_modules/unroll-rnn`;
  browser = await launchChromium();
});
after(() => browser?.close());

/** Opens a page whose lane trains. @param {string} address */
async function trains(address) {
  const page = await browser.newPage();
  page.setDefaultTimeout(60000);
  /** @type {string[]} */ const problems = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !/favicon/.test(message.location().url)) problems.push(message.text());
  });
  await page.goto(address);
  const out = page.locator('#out');
  await out.waitFor({ state: 'attached' });
  assert.match((await out.textContent()) ?? '', /^step 30, 20 characters, loss [0-3]\./);
  return { page, problems };
}

test('beside a plain page under a strict policy; disposed of, no worker is left', async () => {
  const folder = emptyFolder();
  cpSync(own, `${folder}/unroll-rnn`, { recursive: true });
  writeFileSync(`${folder}/main.mjs`, program('./unroll-rnn/index.js'));
  writeFileSync(`${folder}/index.html`, html('main.mjs'));
  const { page, problems } = await trains(await files(folder, { 'Content-Security-Policy': strict }));
  assert.equal(page.workers().length, 1);
  const took = await page.evaluate(async () => {
    const { lane, Lane } = /** @type {any} */ (window);
    const control = new AbortController();
    let aborted = 0;
    try {
      for await (const { step } of lane.train({ signal: control.signal })) if (step > 40 && !aborted) {
        aborted = performance.now();
        control.abort();
      }
    } catch (error) {
      if (/** @type {Error} */ (error).name !== 'AbortError') throw error;
    }
    const took = performance.now() - aborted;
    await lane.dispose();
    for (let n = 0; n < 20; ++n) {
      const other = await Lane.create(lane.experiment);
      await other.train({ steps: 1 });
      await other.dispose();
    }
    return took;
  });
  assert.ok(took < 5000, `${took} ms`);
  for (const end = Date.now() + 30000; page.workers().length > 0 && Date.now() < end; ) await page.waitForTimeout(50);
  assert.equal(page.workers().length, 0);
  assert.deepEqual(problems, []);
});

/** The example page beside the package. */
function examplePage() {
  const folder = emptyFolder();
  cpSync(`${root}/examples/package`, folder, { recursive: true });
  cpSync(own, `${folder}/unroll-rnn`, { recursive: true });
  return files(folder, { 'Content-Security-Policy': strict });
}

test('the example page trains, pauses and goes on; its button waits for the lane', async () => {
  const page = await browser.newPage();
  let arrive = () => {};
  const awaited = new Promise((resolve) => (arrive = () => resolve(undefined)));
  await page.route('**/*.wasm', (route) => awaited.then(() => route.continue()));
  await page.goto(await examplePage());
  const button = page.locator('#train'), loss = page.locator('#loss');
  assert.ok(await button.isDisabled());
  arrive();
  for (let turn = 0; turn < 2; ++turn) {
    const before = await loss.textContent();
    await button.click();
    await page.waitForFunction((before) => {
      const now = document.getElementById('loss')?.textContent;
      return now !== before && /^step \d+, loss/.test(now ?? '');
    }, before);
    await button.click();
    await page.waitForFunction(() => document.getElementById('train')?.textContent === 'Train');
  }
  assert.match((await page.locator('#sample').textContent()) ?? '', /^nine /);
});

test('the example page says why there is no lane', async () => {
  const page = await browser.newPage();
  await page.route(/\.wasm$|inline_engine/, (route) => route.abort());
  await page.goto(await examplePage());
  await page.waitForFunction(() => /Error/.test(document.getElementById('loss')?.textContent ?? ''));
  assert.ok(await page.locator('#train').isDisabled());
});

test('from another origin', async () => {
  const elsewhere = await files(own, { 'Access-Control-Allow-Origin': '*' });
  const folder = emptyFolder();
  writeFileSync(`${folder}/main.mjs`, program(`${elsewhere}index.js`));
  writeFileSync(`${folder}/index.html`, html('main.mjs'));
  await trains(await files(folder, {}, 'localhost'));
});

test('in a sandboxed frame without an origin', async () => {
  const elsewhere = await files(own, { 'Access-Control-Allow-Origin': '*' });
  const folder = emptyFolder();
  writeFileSync(`${folder}/inside.html`, `<!doctype html><body><script type="module">${program(`${elsewhere}index.js`)}</script>`);
  writeFileSync(`${folder}/index.html`, '<!doctype html><iframe sandbox="allow-scripts" src="inside.html"></iframe>');
  const page = await browser.newPage();
  await page.goto(await files(folder));
  const out = page.frameLocator('iframe').locator('#out');
  await out.waitFor({ state: 'attached', timeout: 60000 });
  assert.match((await out.textContent()) ?? '', /^step 30, 20 characters/);
});

/** A project with the package and a page, for the bundlers. */
async function project() {
  const folder = await installed();
  writeFileSync(`${folder}/main.js`, program('unroll-rnn'));
  writeFileSync(`${folder}/index.html`, html('/main.js'));
  return folder;
}

test('built and served by Vite, without a word of configuration', async () => {
  const { build, createServer } = await import(pathToFileURL(`${await bundlers()}/node_modules/vite/dist/node/index.js`).href);
  const folder = await project();
  await build({ root: folder, logLevel: 'error', configFile: false });
  const built = await trains(await files(`${folder}/dist`, { 'Content-Security-Policy': strict }));
  assert.deepEqual(built.problems, []);
  const server = await createServer({ root: folder, logLevel: 'error', configFile: false, server: { port: 0, host: '127.0.0.1', hmr: false, ws: false } });
  try {
    await server.listen();
    const served = await trains(`http://127.0.0.1:${server.httpServer.address().port}/`);
    await served.page.close();
  } finally {
    await server.close();
  }
});

test('built by webpack', async () => {
  const { default: webpack } = await import(pathToFileURL(`${await bundlers()}/node_modules/webpack/lib/index.js`).href);
  const folder = await project();
  mkdirSync(`${folder}/dist`);
  writeFileSync(`${folder}/dist/index.html`, html('main.js'));
  const stats = await new Promise((resolve, reject) => webpack(
    { mode: 'development', devtool: false, context: folder, entry: './main.js', output: { path: `${folder}/dist`, filename: 'main.js' } },
    (/** @type {Error|null} */ error, /** @type {any} */ result) => (error ? reject(error) : resolve(result))));
  assert.equal(stats.hasErrors(), false, stats.toString({ all: false, errors: true }));
  const { problems } = await trains(await files(`${folder}/dist`, { 'Content-Security-Policy': strict }));
  assert.deepEqual(problems, []);
});
