// Chromium without the flags of the other tests, headless and in a real window: the picture is the same one. Headless its
// software compositor leaves out what it takes for hidden; in a window it takes the graphics away after half a second.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { chromiumPath, launchChromium } from '../browser.mjs';
import { launchWindow, openDisplay, program } from './display.mjs';
import { Playground, everyLane } from './playground.mjs';
import { readScreenshot } from './saved.mjs';
import { newVisitor, serveSite } from './site.mjs';

/** @type {{address: string, close: () => void}} */ let site;
before(async () => (site = await serveSite()));
after(() => site.close());

const experiment = { unroll: 1, data: { example: 'story' }, view: { theme: 'light' } };

/**
 * The page at rest.
 * @param {import('playwright-core').Browser} browser
 * @param {number} [time] milliseconds until it may be: a context that is lost after the start is back a second later
 */
async function pictureIn(browser, time = 0) {
  try {
    const visitor = await newVisitor({ browser });
    const playground = new Playground(visitor);
    await visitor.page.goto(site.address + '#' + encodeURIComponent(JSON.stringify(experiment)));
    await playground.until('answers', (state) => state.lanes?.length > 0 &&
      everyLane(state, (lane) => lane.configured && lane.prediction.top.length > 0 && lane.probe.losses.length > 0));
    await visitor.page.locator('#canvas.drawn').waitFor();
    await playground.page.mouse.move(2, 2);
    await visitor.page.waitForTimeout(time);
    let last = '';
    for (let tries = 0; tries < 60; ++tries) {
      await playground.drawn(4);
      const now = (await visitor.page.screenshot()).toString('base64');
      if (now === last) return readScreenshot(Buffer.from(now, 'base64'));
      last = now;
    }
    throw new Error('the picture does not come to rest');
  } finally {
    await browser.close();
  }
}

/** The share of pixels of two pictures that differ clearly. @param {ReturnType<typeof readScreenshot>} one @param {ReturnType<typeof readScreenshot>} other */
function difference(one, other) {
  assert.deepEqual([one.width, one.height], [other.width, other.height]);
  let different = 0;
  for (let y = 0; y < one.height; ++y)
    for (let x = 0; x < one.width; ++x) {
      const [a, b] = [one.at(x, y), other.at(x, y)];
      if ([16, 8, 0].some((shift) => Math.abs(((a >> shift) & 255) - ((b >> shift) & 255)) > 40)) ++different;
    }
  return different / (one.width * one.height);
}

test('headless, and in a window', async (t) => {
  const expected = await pictureIn(await launchChromium());
  const check = async (/** @type {import('playwright-core').Browser} */ browser, /** @type {number} */ time) => {
    const share = difference(expected, await pictureIn(browser, time));
    assert.ok(share < 0.005, `${(100 * share).toFixed(2)}% of the pixels differ`);
  };
  await t.test('headless', async () =>
    check(await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] }), 0));
  await t.test('in a window', { skip: program('Xvfb') ? false : 'Xvfb is not there' }, async () => {
    const display = await openDisplay();
    try {
      await check(await launchWindow(display.name), 3000);
    } finally {
      display.close();
    }
  });
});
