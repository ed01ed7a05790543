// The page in a frame of another page: the wheel and the finger scroll the host where they have no use inside; and a frame
// that is sandboxed without an origin says what it lacks, where the server does not allow that.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { drawn } from './playground.mjs';
import { newVisitor, useSite } from './site.mjs';

/** One card in the first tab, so that nothing scrolls there, and lanes that do not fit. */
const experiment = encodeURIComponent(JSON.stringify({
  unroll: 1, lanes: [16, 16, 16, 16].map((hidden) => ({ hidden })), view: { hide: ['samples'] },
}));

const site = useSite();
/** @type {import('node:http').Server} */ let host;
/** @type {string} */ let address;
before(async () => {
  host = createServer(async (request, response) => {
    if (request.url?.startsWith('/closed/')) {  // the site, from a server that lets no other origin read it
      const answer = await fetch(site.address + request.url.slice('/closed/'.length));
      response.setHeader('Content-Type', answer.headers.get('content-type') ?? '').end(new Uint8Array(await answer.arrayBuffer()));
      return;
    }
    if (request.url === '/below' || request.url === '/allowed') {
      const playing = encodeURIComponent(JSON.stringify({ unroll: 1, data: { text: 'one two three four. '.repeat(60) }, lanes: [{ cell: 'rnn', hidden: 16 }], view: { autoplay: true } }));
      if (request.url === '/below')
        return response.setHeader('Content-Type', 'text/html').end(`<!doctype html><textarea></textarea><div style="height: 3000px"></div><iframe src="${site.address}#${playing}" width="700" height="600"></iframe>`);
      return response.setHeader('Content-Type', 'text/html').end(`<!doctype html><iframe sandbox="allow-scripts" src="${site.address}#${playing}" width="700" height="600"></iframe>`);
    }
    if (request.url === '/sandboxed')
      return response.setHeader('Content-Type', 'text/html').end('<!doctype html><iframe sandbox="allow-scripts" src="/closed/index.html"></iframe>');
    response.setHeader('Content-Type', 'text/html').end(`<!doctype html><meta name="viewport" content="width=device-width">
      <style>body { margin: 0; height: 3000px } iframe { margin: 100px 0 0; width: 100%; height: 600px; border: 0 }</style>
      <iframe src="${site.address}#${experiment}"></iframe>`);
  });
  await new Promise((resolve) => host.listen(0, '127.0.0.1', () => resolve(undefined)));
  address = `http://localhost:${/** @type {import('node:net').AddressInfo} */ (host.address()).port}`;
});
after(() => {
  host.closeAllConnections();
  host.close();
});

/** @param {import('playwright-core').BrowserContextOptions} [options] */
async function framed(options) {
  const { page } = await newVisitor(site, options);
  await page.goto(address);
  const frame = page.frames()[1];
  await frame.waitForFunction(() => window.unroll?.state().lanes?.every((/** @type {any} */ lane) => lane.configured));
  await frame.locator('#canvas.drawn').waitFor();
  const place = async (/** @type {string} */ id) => {
    await frame.waitForFunction((id) => window.unroll.widgets()[id], id);
    const [x, y, width, height] = await frame.evaluate((id) => window.unroll.widgets()[id], id);
    const top = await page.evaluate(() => /** @type {Element} */ (document.querySelector('iframe')).getBoundingClientRect().top);
    return { x: x + width / 2, y: top + y + height / 2 };
  };
  const scrolled = () => page.evaluate(() => scrollY);
  const top = async (/** @type {string} */ id) => {
    await frame.waitForFunction((id) => window.unroll.widgets()[id], id);
    return frame.evaluate((id) => window.unroll.widgets()[id][1], id);
  };
  return { page, frame, place, scrolled, top };
}

test('the wheel scrolls the host page, unless the view under it scrolls', async () => {
  const { page, frame, place, scrolled, top } = await framed({ viewport: { width: 390, height: 800 } });
  const rest = () => page.waitForTimeout(800);  // the browser keeps to one target while the wheel turns
  const over = await place('panel.curves');
  await page.mouse.move(over.x, over.y);
  await page.mouse.wheel(0, 60);
  await page.waitForFunction(() => scrollY > 30);
  await rest();

  // The lanes and their training are longer than the frame: it scrolls them, and the host when they are at their end.
  const tab = await place('tab.lanes');
  await page.mouse.click(tab.x, tab.y, { delay: 60 });
  const lanes = await place('panel.lanes');
  const at = await top('train.rate');
  await drawn(frame, 2);  // a column knows how far it scrolls when it was drawn once
  const before = await scrolled();
  await page.mouse.move(lanes.x, lanes.y);
  await page.mouse.wheel(0, 40);
  await frame.waitForFunction((at) => (window.unroll.widgets()['train.rate']?.[1] ?? at) < at, at);
  assert.equal(await scrolled(), before);
  for (let i = 0; i < 20; ++i) await page.mouse.wheel(0, 100);
  await rest();
  await page.mouse.wheel(0, 100);
  await page.waitForFunction((before) => scrollY > before + 50, before);
});

test('a finger scrolls the host page, and a tap is for the frame', async () => {
  const { page, frame, place, scrolled, top } = await framed({ viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true });
  const session = await page.context().newCDPSession(page);
  const swipe = async (/** @type {{x: number, y: number}} */ { x, y }, /** @type {number} */ by) => {
    for (const up of [0, by / 4, by / 2, by]) {
      await session.send('Input.dispatchTouchEvent', { type: up ? 'touchMove' : 'touchStart', touchPoints: [{ x, y: y - up }] });
      await page.waitForTimeout(80);
    }
    await page.waitForTimeout(250);  // what is let go at rest is not flung
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await page.waitForTimeout(250);
  };
  await swipe(await place('panel.curves'), 200);
  assert.ok((await scrolled()) > 100, `scrolled by ${await scrolled()}`);

  // The lanes are longer than the frame: the finger scrolls them, and the host from their end on.
  const tab = await place('tab.lanes');
  await page.touchscreen.tap(tab.x, tab.y);
  await top('train.rate');
  await drawn(frame, 2);  // a column knows how far it scrolls when it was drawn once
  const lanes = await place('panel.lanes');
  const [at, before] = [await top('train.rate'), await scrolled()];
  await swipe(lanes, 60);
  await frame.waitForFunction((at) => (window.unroll.widgets()['train.rate']?.[1] ?? at) < at, at);
  assert.equal(await scrolled(), before);
  for (let i = 0; i < 12 && (await scrolled()) === before; ++i) await swipe(lanes, 60);
  assert.ok((await scrolled()) > before);

  await page.evaluate(() => scrollTo(0, 0));
  const train = await place('train');
  await page.touchscreen.tap(train.x, train.y);
  await frame.waitForFunction(() => window.unroll.state().running);
});

test('below the fold it waits, and trains and is drawn once it is seen; the focus and scroll of the host stay', async () => {
  const { page, problems } = await newVisitor(site);
  await page.goto(`${address}/below`);
  await page.locator('textarea').click();
  await page.keyboard.type('I write ');
  const [, frame] = page.frames();
  await frame.waitForFunction(() => window.unroll?.state().lanes?.every((/** @type {any} */ lane) => lane.configured), undefined, { polling: 100 });
  await page.keyboard.type('on');
  assert.equal(await page.locator('textarea').inputValue(), 'I write on');
  assert.deepEqual(await page.evaluate(() => [document.activeElement?.tagName, scrollY]), ['TEXTAREA', 0]);
  assert.equal(await frame.evaluate(() => document.querySelector('#canvas')?.classList.contains('drawn')), false);
  assert.equal(await frame.evaluate(() => window.unroll.state().step), 0);
  await page.evaluate(() => scrollTo(0, 3000));
  await frame.locator('#canvas.drawn').waitFor();
  await frame.waitForFunction(() => window.unroll.state().step > 10);
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'TEXTAREA');
  assert.deepEqual(problems, []);
});

test('sandboxed without an origin it trains, from a server that allows that', async (t) => {
  const begin = Date.now();
  const { page, problems } = await newVisitor(site);
  await page.goto(`${address}/allowed`);
  const [, frame] = page.frames();
  await frame.waitForFunction(() => window.unroll?.state().step > 0);
  t.diagnostic(`the first step is seen ${Date.now() - begin} ms after the visit began`);
  assert.equal(await frame.evaluate(() => self.origin), 'null');
  await page.waitForTimeout(600);  // the address would be written by now
  const { step } = await frame.evaluate(() => window.unroll.state());
  await frame.waitForFunction((step) => window.unroll.state().step > step, step);
  assert.equal(await frame.locator('#failure').isVisible(), false);
  assert.deepEqual(problems, []);
});

test('sandboxed without an origin, from a server that does not allow it: it says what is needed', async () => {
  const { page } = await newVisitor(site);
  await page.goto(`${address}/sandboxed`);
  const panel = page.frames()[1].locator('#failure');
  await panel.waitFor();
  assert.match(await panel.innerText(), /sandboxed[^]*allow-same-origin[^]*Access-Control-Allow-Origin/);
});
