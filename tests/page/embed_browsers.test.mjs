// The element and a plain frame in Firefox and in WebKit, in a host of another origin under a strict policy.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { environment, openDisplay, program, until } from './display.mjs';
import { attributeOf, useHost } from './host.mjs';
import { serveSite } from './site.mjs';
import { openWebKit, skip as noWebKit } from './webkit_driver.mjs';

const firefox = program('firefox-esr', 'firefox');
const noFirefox = firefox ? (program('Xvfb') ? false : 'Xvfb is not there') : 'Firefox is not there';
const experiment = { unroll: 1, data: { text: 'one two three four five six seven. '.repeat(40) }, lanes: [{ cell: 'rnn', hidden: 16 }, { cell: 'lstm', hidden: 12 }] };

const site = /** @type {import('./site.mjs').Site} */ ({});
before(async () => void Object.assign(site, await serveSite()));
after(() => site.close());
const host = useHost(site);
const figures = () => host.page(`<unroll-playground load="eager" view="header curves" experiment="${attributeOf(experiment)}"></unroll-playground>` +
  `<iframe src="${site.address}#${encodeURIComponent(JSON.stringify(experiment))}"></iframe>`);

/** Runs in the host: drives the element by its methods and the frame by messages; `said` has what came of it. */
const drive = `(() => {
  const said = (window.said = { element: 0, text: '', picture: 0, frame: 0, error: '' });
  const failed = (error) => void (said.error = String(error.what ?? error));
  customElements.whenDefined('unroll-playground').then(async () => {
    const element = document.querySelector('unroll-playground');
    said.element = (await element.train(15)).step;
    said.text = await element.sample('one ', { length: 10, temperature: 0 });
    said.picture = (await element.picture()).size;
  }).catch(failed);
  const timer = setInterval(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      if (data.type === 'connected' && !window.port) {
        clearInterval(timer);
        window.port = port1;
        port1.postMessage({ id: 1, type: 'train', steps: 12 });
      } else if (data.id === 1) {
        if (data.error) failed(data.error);
        else said.frame = data.result.step;
      }
    };
    frames[0].postMessage({ unroll: 1, type: 'connect', id: 'test' }, '*', [port2]);
  }, 300);
})()`;

/** @param {(script: string) => Promise<any>} run */
async function works(run) {
  await run(drive);
  /** @type {any} */ let said;
  await until('both have trained', async () => {
    said = JSON.parse(await run('JSON.stringify(window.said)'));
    assert.equal(said.error, '');
    return said.element && said.text && said.picture && said.frame;
  }, 5 * 60000).catch((error) => assert.fail(`${error.message}; done: ${JSON.stringify(said)}`));  // two engines, drawn by the processor: minutes where others have it, too
  assert.equal(said.element, 15);
  assert.equal(said.frame, 12);
  assert.equal(said.text.length, 10);
  assert.ok(said.picture > 2000, `${said.picture} bytes`);
}

test('Firefox: the element and a frame train and answer', { skip: noFirefox }, async () => {
  const display = await openDisplay();
  const profile = await mkdtemp(`${tmpdir()}/unroll-firefox-`);
  const browser = await puppeteer.launch({
    browser: 'firefox', executablePath: firefox, headless: false, userDataDir: profile,
    env: environment(display.name), extraPrefsFirefox: { 'webgl.force-enabled': true },
    defaultViewport: { width: 1280, height: 900 }, timeout: 120000, protocolTimeout: 120000,
  });
  try {
    const page = await browser.newPage();
    await page.goto(figures());
    await works((script) => page.evaluate(script));
  } finally {
    await browser.close();
    display.close();
    await rm(profile, { recursive: true, force: true });
  }
});

test('WebKit: the element and a frame train and answer', { skip: noWebKit }, async () => {
  const display = await openDisplay();
  const webkit = await openWebKit(display.name);
  try {
    await webkit.size(1300, 950);
    await webkit.go(figures());
    await works((script) => webkit.run(script));
  } finally {
    await webkit.close();
    display.close();
  }
});
