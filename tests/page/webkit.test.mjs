// WebKit, Safari's engine, in a real window: the page opens, trains, takes typed and pasted text, opens a file from the
// canvas's button, shares, and draws a matrix of 256 × 256 whole.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { hashOf, jsonOf } from '../../web/page/hash.mjs';
import { environment, look, openDisplay, program, until } from './display.mjs';
import { fox } from './playground.mjs';
import { coloursOf, readScreenshot } from './saved.mjs';
import { serveSite } from './site.mjs';

const driver = program('WebKitWebDriver');
const window_ = program('MiniBrowser', '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser', '/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser');
const skip = driver && window_ ? (program('Xvfb') ? false : 'Xvfb is not there') : 'WebKitWebDriver is not there';
const experiment = fox([{ cell: 'rnn', hidden: 256 }, { cell: 'lstm', hidden: 16 }], { view: { tab: 'weights', theme: 'light' } });

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    server.close(() => resolve(port));
  });
});

/** A session of the W3C WebDriver protocol. @param {string} display */
async function openWebKit(display) {
  const port = await freePort();
  const server = spawn(/** @type {string} */ (driver), [`--port=${port}`, '--host=127.0.0.1'], {
    stdio: 'ignore', env: { ...environment(display), WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' },
  });
  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  const ask = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = /** @type {any} */ (await response.json());
    if (value?.error) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  };
  await until('the driver answers', () => ask('GET', '/status').catch(() => null));
  const { sessionId } = await ask('POST', '/session', { capabilities: { alwaysMatch: {
    'webkitgtk:browserOptions': { binary: window_, args: ['--automation'] },
  } } });
  const at = `/session/${sessionId}`;
  const actions = (/** @type {object[]} */ list) => ask('POST', `${at}/actions`, { actions: list });
  const Control = '\uE009';
  return {
    go: (/** @type {string} */ url) => ask('POST', `${at}/url`, { url }),
    size: (/** @type {number} */ width, /** @type {number} */ height) => ask('POST', `${at}/window/rect`, { width, height }),
    run: (/** @type {string} */ script) => ask('POST', `${at}/execute/sync`, { script: `return ${script}`, args: [] }),
    picture: async () => Buffer.from(await ask('GET', `${at}/screenshot`), 'base64'),
    click: (/** @type {number} */ x, /** @type {number} */ y) => actions([{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions: [
      { type: 'pointerMove', x: Math.round(x), y: Math.round(y), duration: 50 }, { type: 'pause', duration: 100 },
      { type: 'pointerDown', button: 0 }, { type: 'pause', duration: 80 }, { type: 'pointerUp', button: 0 }] }]),
    keys: (/** @type {string} */ text) => actions([{ type: 'key', id: 'keys', actions: [...text].flatMap((value) =>
      [{ type: 'keyDown', value }, { type: 'keyUp', value }]) }]),
    chord: (/** @type {string} */ value) => actions([{ type: 'key', id: 'keys', actions: [
      { type: 'keyDown', value: Control }, { type: 'keyDown', value }, { type: 'keyUp', value }, { type: 'keyUp', value: Control }] }]),
    /** Puts a file into a file input, as its chooser does. @param {string} selector @param {string} file */
    async choose(selector, file) {
      const element = await ask('POST', `${at}/element`, { using: 'css selector', value: selector });
      await ask('POST', `${at}/element/${Object.values(element)[0]}/value`, { text: file });
    },
    async close() {
      await ask('DELETE', at).catch(() => {});
      server.kill();
    },
  };
}

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
