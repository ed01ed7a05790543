// Firefox, in a real window: the page opens, trains, and takes typed and pasted text.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { hashOf } from '../../web/page/hash.mjs';
import { environment, look, openDisplay, program, until } from './display.mjs';
import { fox } from './playground.mjs';
import { serveSite } from './site.mjs';

const firefox = program('firefox-esr', 'firefox');
const skip = firefox ? (program('Xvfb') ? false : 'Xvfb is not there') : 'Firefox is not there';
const experiment = fox([{ cell: 'rnn', hidden: 24 }, { cell: 'lstm', hidden: 16 }]);

test('Firefox opens the page, trains, and takes typed and pasted text', { skip }, async () => {
  const site = await serveSite();
  const display = await openDisplay();
  const profile = await mkdtemp(`${tmpdir()}/unroll-firefox-`);
  const browser = await puppeteer.launch({
    browser: 'firefox', executablePath: firefox, headless: false, userDataDir: profile,
    env: environment(display.name), extraPrefsFirefox: { 'webgl.force-enabled': true },
    defaultViewport: { width: 1280, height: 720 }, timeout: 120000, protocolTimeout: 120000,
  });
  try {
    const page = await browser.newPage();
    /** @type {string[]} */ const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(site.address + (await hashOf(JSON.stringify(experiment))));
    const state = () => /** @type {Promise<any>} */ (page.evaluate(look));
    const sees = (/** @type {string} */ what, /** @type {(state: any) => boolean} */ condition) => until(what, async () => {
      const now = await state();
      assert.equal(now.failure, '');
      return condition(now) && now;
    });
    await sees('the lanes are ready and drawn', ({ ready, drawn }) => ready && drawn);

    const { widgets } = await sees('the button Train', (now) => now.widgets.train);
    const [x, y, width, height] = widgets.train;
    await page.mouse.click(x + width / 2, y + height / 2, { delay: 60 });
    const begun = await sees('some steps', (now) => now.steps.every((/** @type {number} */ step) => step > 20));
    await sees('falling losses', ({ losses }) => losses.every((/** @type {number} */ loss, /** @type {number} */ lane) => loss < begun.losses[lane]));

    await page.focus('#prefix');
    await page.keyboard.down('Control');
    await page.keyboard.press('a');
    await page.keyboard.up('Control');
    await page.keyboard.type('The quick fox');
    await sees('answers for the typed text', ({ prefixes }) => prefixes.every((/** @type {string} */ prefix) => prefix === 'The quick fox'));

    // What was typed is copied and pasted, twice.
    for (const keys of ['a', 'c', 'v', 'v']) {
      await page.keyboard.down('Control');
      await page.keyboard.press(/** @type {any} */ (keys));
      await page.keyboard.up('Control');
    }
    await sees('answers for the pasted text', ({ prefixes }) => prefixes.every((/** @type {string} */ prefix) => prefix === 'The quick foxThe quick fox'));
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
    display.close();
    site.close();
    await rm(profile, { recursive: true, force: true });
  }
});
