// WebKit, Safari's engine, in a real window: the page opens, trains, takes typed and pasted text, opens a file from the
// canvas's button, shares, and draws a matrix of 256 × 256 whole.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { hashOf, jsonOf } from '../../web/page/hash.mjs';
import { look, openDisplay, until } from './display.mjs';
import { fox } from './playground.mjs';
import { coloursOf, readScreenshot } from './saved.mjs';
import { serveSite } from './site.mjs';
import { openWebKit, skip } from './webkit_driver.mjs';

const experiment = fox([{ cell: 'rnn', hidden: 256 }, { cell: 'lstm', hidden: 16 }], { view: { tab: 'weights', theme: 'light' } });

test('WebKit opens the page, trains, takes text, opens files, shares, and draws large matrices whole', { skip }, async () => {
  const folder = await mkdtemp(`${tmpdir()}/unroll-webkit-`);
  const path = `${folder}/text.txt`;
  const opened = 'Opened from a file. '.repeat(40);
  await writeFile(path, opened);
  const site = await serveSite();
  const display = await openDisplay();
  const webkit = await openWebKit(display.name);
  try {
    await webkit.size(1300, 900);
    await webkit.go(site.address + (await hashOf(JSON.stringify(experiment))));
    const sees = (/** @type {string} */ what, /** @type {(state: any) => boolean} */ condition) => until(what, async () => {
      const now = await webkit.run(look);
      assert.equal(now.failure, '');
      return condition(now) && now;
    }, 120000);
    const click = async (/** @type {string} */ id) => {
      const { widgets } = await sees(`${id} is there`, (now) => now.widgets[id]);
      const [x, y, width, height] = widgets[id];
      await webkit.click(x + width / 2, y + height / 2);
    };
    await sees('the lanes are ready and drawn', ({ ready, drawn }) => ready && drawn);
    const wasm = await webkit.run(`performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('playground.wasm')).length`);
    assert.equal(wasm, 1, 'the code is loaded once');

    // 65,536 values are drawn to the last: the lower half has as many colours as the upper one.
    await sees('the matrix', (now) => now.widgets['weights.matrix']);
    await until('both halves have colours', async () => {
      const { widgets } = await webkit.run(look);
      const [x, y, width, height] = widgets['weights.matrix'];
      const picture = readScreenshot(await webkit.picture());
      const [upper, lower] = [y, y + height / 2].map((top) => coloursOf(picture, [x, top, width, height / 2]));
      return upper > 100 && lower > upper / 2;
    }, 60000);

    await click('train');
    await sees('steps', ({ steps }) => steps.every((/** @type {number} */ step) => step > 5));
    await click('train');
    await sees('a pause', ({ running }) => !running);

    await webkit.run(`void document.getElementById('text').focus()`);
    await webkit.chord('a');
    await webkit.keys('The quick fox');
    await sees('the typed text', ({ text }) => text === 'The quick fox');
    for (const key of 'acvv') await webkit.chord(key);
    await sees('the pasted text', ({ text }) => text === 'The quick foxThe quick fox');

    // The file chooser is asked for within the user's event; outside of one WebKit opens none.
    await webkit.run(`void (document.getElementById('file').click = () => (window.within = window.event?.type))`);
    await click('open-file');
    assert.equal(await until('the chooser', () => webkit.run('window.within')), 'click');
    await webkit.run(`void (document.getElementById('file').hidden = false)`);  // a driver puts files only into what is shown
    await webkit.choose('#file', path);
    await sees('its text', ({ text }) => text === opened);

    await until('the address has it', async () =>
      JSON.parse((await jsonOf(await webkit.run('location.hash'))) ?? '{}').data?.text === opened);
    await click('share');
    const said = await until('what came of the link', async () => {
      const text = await webkit.run(`document.getElementById('share-what').textContent`);
      return /copied|did not/.test(text) && text;
    });
    assert.match(said, /Link copied: [\d,]+ characters/);
    await webkit.run(`void document.getElementById('share-close').click()`);
  } finally {
    await webkit.close();
    display.close();
    site.close();
    await rm(folder, { recursive: true });
  }
});
