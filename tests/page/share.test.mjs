// Sharing: what is said is what happened, and what does not fit into a link is offered as a file. A reload brings back the
// experiment whatever its length.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { jsonOf } from '../../web/page/hash.mjs';
import { Playground, everyLane, fox } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const experiment = fox([{ cell: 'rnn', hidden: 24 }]);
/** Text that hardly compresses. @param {number} length */
function noise(length) {
  let state = 1, text = '';
  while (text.length < length) {
    state = (state * 48271) % 0x7fffffff;
    text += String.fromCharCode(97 + (state >> 8) % 26);
  }
  return text;
}
const said = (/** @type {Playground} */ { page }) => page.locator('#share-what');

test('a link is copied within the click, and counted', async () => {
  const playground = await Playground.open(site, { experiment, options: { permissions: ['clipboard-read', 'clipboard-write'] } });
  const { page } = playground;
  await page.evaluate(() => {
    const write = navigator.clipboard.writeText.bind(navigator.clipboard);
    navigator.clipboard.writeText = (text) => {
      Object.assign(window, { within: window.event?.type });
      return write(text);
    };
  });
  await page.waitForTimeout(600);
  await playground.click('share');
  await said(playground).filter({ hasText: /Link copied: [\d,]+ characters/ }).waitFor();
  assert.equal(await page.evaluate('within'), 'click');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(JSON.parse(/** @type {string} */ (await jsonOf(new URL(link).hash))).data.text, experiment.data.text);
  assert.match(await said(playground).innerText(), new RegExp(link.length.toLocaleString('en')));
  await page.locator('#share-close').click();
  assert.equal(await page.locator('#share').isVisible(), false);
  playground.finish();
});

test('where copying is refused, nothing is said to be copied, and the link is there to take', async () => {
  const playground = await Playground.open(site, { experiment });
  const { page } = playground;
  await page.evaluate(() => {
    navigator.clipboard.writeText = navigator.clipboard.write = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    document.execCommand = () => false;
  });
  await playground.click('share');
  await said(playground).filter({ hasText: 'did not let' }).waitFor();
  assert.match(await page.locator('#share-link').inputValue(), /^http.+#z=/);
  assert.doesNotMatch(await said(playground).innerText(), /copied/);
  playground.finish();
});

test('a long text: no link is promised, the file opens again, and a reload brings it back', async () => {
  const text = noise(124000);
  const playground = await Playground.open(site, { experiment });
  const { page } = playground;
  await page.locator('#text').fill(text);
  await playground.until('it is counted', (state) => state.text.characters === text.length);
  await page.waitForFunction(() => history.state?.experiment);
  await playground.click('share');
  await said(playground).filter({ hasText: 'Save the experiment as a file' }).waitFor();
  assert.doesNotMatch(await said(playground).innerText(), /copied/);
  await playground.says(/address holds nothing of it/, 'share-what');  // nothing is kept here
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#share-save').click()]);
  assert.equal(JSON.parse(await readFile(await download.path(), 'utf8')).data.text, text);
  await page.reload();
  await playground.until('it is there again', (state) => state.text?.characters === text.length);
  playground.finish();
});

test('a text whose link would have 4 MB: none is made, the file has it, and that it is not kept is said', async () => {
  const text = noise(5_200_000);
  const playground = await Playground.open(site, { experiment });
  const { page } = playground;
  await playground.drop('large.txt', text);
  await playground.until('it is learned', (state) =>
    state.text.characters === text.length && everyLane(state, (lane) => lane.configured));
  await page.waitForFunction(() => location.hash === '' && history.state === null);
  await playground.click('share');
  await playground.says(/would have [\d,]+ characters; no program opens such a link/, 'share-what');
  const length = Number((await said(playground).innerText()).match(/[\d,]+/)?.[0].replaceAll(',', ''));
  assert.ok(length > 4e6, `${length} characters`);
  assert.equal(await page.locator('#share-link').isVisible(), false);
  assert.equal(await page.locator('#share-copy').isVisible(), false);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#share-save').click()]);
  assert.equal(JSON.parse(await readFile(await download.path(), 'utf8')).data.text, text);
  assert.equal(new URL(page.url()).hash, '');
  playground.finish();
});

test('a damaged link on a running page: the experiment goes on, and the address is put right', async () => {
  const playground = await Playground.open(site, { experiment });
  const { page } = playground;
  await page.waitForTimeout(600);  // the address is written by then
  await page.evaluate(() => (location.hash = '#z=AAAA'));
  await playground.says(/damaged or cut off[^]*goes on/, 'notice');
  await page.waitForFunction(() => location.hash !== '#z=AAAA');
  assert.equal(JSON.parse(/** @type {string} */ (await jsonOf(await page.evaluate(() => location.hash)))).lanes[0].hidden, 24);
  playground.finish();
});
