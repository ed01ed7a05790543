// The tutorials, as ./run dist puts them beside the site: each opens, from the site's own server, and its figures train.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makeDist } from '../../tools/dist.mjs';
import { serve } from '../../tools/serve.mjs';
import { makeTutorials } from '../../tools/tutorials.mjs';
import { root } from '../browser.mjs';
import { newVisitor, patience, useSite } from './site.mjs';

const site = useSite();
const built = process.env.UNROLL_SITE ?? `${root}/build/web/site`;
const folder = mkdtempSync(path.join(tmpdir(), 'unroll-tutorials-'));
/** @type {Awaited<ReturnType<typeof serve>>} */ let served;
before(async () => {
  makeDist(built, folder, 1);
  makeTutorials(built, folder);
  served = await serve(folder, 0);
});
after(() => {
  served.server.closeAllConnections();
  served.server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Scrolls to each figure and waits until it has made steps. @param {string} name @param {number} count */
async function eachTrains(name, count) {
  const { page, problems } = await newVisitor(site, { viewport: { width: 900, height: 700 } });
  await page.goto(`${served.address}tutorials/${name}`);
  const figures = page.locator('unroll-playground, figure > iframe');
  assert.equal(await figures.count(), count);
  for (let n = 0; n < count; ++n) {
    await figures.nth(n).scrollIntoViewIfNeeded();
    const inner = figures.nth(n);
    const frame = await (await inner.evaluate((element) => element.tagName === 'IFRAME') ? inner : inner.locator('iframe')).elementHandle();
    for (const end = Date.now() + patience; ; await page.waitForTimeout(50)) {
      const state = await (await frame?.contentFrame())?.evaluate(() => window.unroll?.state());
      assert.deepEqual(state?.problems ?? [], []);
      if (state?.step > 3) break;
      assert.ok(Date.now() < end, `figure ${n} of ${name} does not train`);
    }
  }
  assert.deepEqual(problems, []);
  await page.context().close();
}

test('the article in plain HTML: an element and a frame', () => eachTrains('article.html', 2));
test('the article in Markdown, made into a page', () => eachTrains('remembering.html', 2));
test('five figures on a page', () => eachTrains('five.html', 5));

test('the notebook, on the package alone', async () => {
  const { page, problems } = await newVisitor(site);
  await page.goto(`${served.address}tutorials/notebook.html`);
  for (const [cell, said] of /** @type {const} */ ([['make', /\d+ characters/], ['train', /RNN +step 300[^]*LSTM step 300/], ['ask', /LSTM after red\.+ expects . \(\d+%\)/]])) {
    const section = page.locator(`[data-cell=${cell}]`);
    await section.locator('button').click();
    await section.locator('.out').filter({ hasText: said }).waitFor();
    await page.waitForFunction((cell) => !(/** @type {HTMLButtonElement} */ (document.querySelector(`[data-cell=${cell}] button`)).disabled), cell);
  }
  assert.deepEqual(problems, []);
});
