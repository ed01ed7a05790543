// The dialog that makes a figure of what is here: what it writes is what the preview shows, and "copied" is said when it was.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { jsonOf } from '../../web/page/hash.mjs';
import { Playground, fox } from './playground.mjs';
import { readPng } from './saved.mjs';
import { patience, useSite } from './site.mjs';

const site = useSite();
const experiment = fox([{ cell: 'rnn', hidden: 16 }]);

/** @param {import('playwright-core').BrowserContextOptions} [options] */
async function opened(options) {
  const playground = await Playground.open(site, { experiment, options });
  const { page } = playground;
  await playground.click('share');
  await page.locator('#share-embed').click();
  await page.locator('#embed[open]').waitFor();
  await page.locator('#embed iframe').waitFor();
  const preview = () => page.evaluate(async () => (await /** @type {any} */ (document.querySelector('#embed unroll-playground')).state()).experiment.view);
  const code = () => page.locator('#embed textarea').inputValue();
  /** The experiment in the text that is to be pasted. */
  const written = async () => {
    const hash = /#z=[\w-]+/.exec(await code())?.[0];
    return hash ? JSON.parse((await jsonOf(hash)) ?? '{}') : null;
  };
  /** @param {string} what @param {() => Promise<unknown>} condition */
  const until = async (what, condition) => {
    for (const end = Date.now() + patience; !(await condition()); await page.waitForTimeout(50)) assert.ok(Date.now() < end, what);
  };
  return { playground, page, preview, code, written, until };
}

test('what is ticked is shown in the preview and stands in the text, in four languages', async () => {
  const { playground, page, preview, code, written, until } = await opened();
  await until('the text is there', written);
  assert.deepEqual((await written()).view.show, []);
  await page.getByLabel('Shown', { exact: true }).selectOption('only timeline');
  await page.getByLabel('Theme').selectOption('dark');
  await page.getByLabel('Trains at once').check();
  await until('the text follows', async () => (await written()).view.theme === 'dark' && (await written()).view.autoplay);
  assert.deepEqual((await written()).view.show, ['timeline']);
  assert.equal((await written()).data.text, experiment.data.text);
  await until('the preview follows', async () => {
    const { show, theme } = await preview();
    return show.join() === 'timeline' && theme === 'dark';
  });
  // Its height is what it wants, and far from the workbench's.
  await until('the height follows', async () => Number(/height="(\d+)"/.exec(await code())?.[1]) < 500);
  assert.match(await code(), /^<iframe src="http[^"]+" title="[^"]+" width="100%" height="\d+" loading="lazy" allow="clipboard-write; fullscreen"><\/iframe>$/);

  await page.getByLabel('Title').fill('Who remembers "that"?');
  await page.getByRole('button', { name: 'Element' }).click();
  assert.match(await code(), /<script type="module" src="http[^"]+\/unroll-playground\.mjs"><\/script>\n<unroll-playground title="Who remembers &quot;that&quot;\?" height="auto"/);
  await page.getByRole('button', { name: 'Markdown' }).click();
  assert.match(await code(), /^\n<iframe [^\n]+<\/iframe>\n$/);
  await page.getByRole('button', { name: 'MyST' }).click();
  assert.match(await code(), /^:::\{iframe\} http\S+#z=\S+\n:width: 100%\n:placeholder: figure\.png\nWho remembers "that"\?\n:::$/);

  await page.getByLabel('Training: shown').check();
  await page.getByLabel('Training: locked').check();
  await until('locked', async () => (await written()).view.lock?.join() === 'training');
  await until('the preview is locked', async () => (await preview()).lock.join() === 'training');
  await page.getByRole('button', { name: 'Close' }).first().click();
  await page.locator('#embed').waitFor({ state: 'detached' });  // the browser tells of the end of a dialog in a task of its own
  playground.finish();
});

test('copied within the click, or said not to be; a poster is saved; Escape closes', async () => {
  const { playground, page, code, written, until } = await opened({ permissions: ['clipboard-read', 'clipboard-write'] });
  await until('the text is there', written);
  await until('the preview has told its height', async () => !(await code()).includes('height="640"'));
  await page.evaluate(() => {
    const write = navigator.clipboard.writeText.bind(navigator.clipboard);
    navigator.clipboard.writeText = (text) => {
      Object.assign(window, { within: window.event?.type, copied: text });
      return write(text);
    };
  });
  await page.locator('#embed .primary').click();
  await page.locator('#embed .told').filter({ hasText: /^Copied|since it was copied/ }).waitFor();
  assert.equal(await page.evaluate('within'), 'click');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^<iframe src="[^"]+" title="Recurrent networks[^"]*"[^>]*><\/iframe>$/);
  assert.equal(copied, await page.evaluate('copied'));
  await page.getByLabel('Title, for screen readers').fill('Mine');
  await page.locator('#embed .told').filter({ hasText: /has changed since it was copied/ }).waitFor();
  assert.notEqual(await code(), copied);

  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    document.execCommand = () => false;
  });
  await page.locator('#embed .primary').click();
  await page.locator('#embed .told').filter({ hasText: /did not let/ }).waitFor();
  assert.doesNotMatch(await page.locator('#embed .told').innerText(), /Copied/);

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'poster' }).click()]);
  assert.equal(download.suggestedFilename(), 'figure.png');
  assert.equal(readPng(await readFile(await download.path())).width, 640);
  assert.match(await page.locator('#embed .warning').innerText(), /this computer alone/);

  await page.keyboard.press('Escape');
  await page.locator('#embed').waitFor({ state: 'detached' });
  await playground.keyboardAt('canvas');
  playground.finish();
});
