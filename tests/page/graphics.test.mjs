// The graphics context may go at any time: the lanes go on, the picture comes back as it was, and only a context that
// stays away is spoken of, in a panel that goes when it comes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane, fox } from './playground.mjs';
import { newVisitor, useSite } from './site.mjs';

const site = useSite();

const experiment = fox([{ cell: 'rnn', hidden: 24 }, { cell: 'lstm', hidden: 16 }], { view: { tab: 'weights', theme: 'light' } });

/** Runs first in the page: `window.graphics` takes the context away and gives it back. @param {boolean} atOnce */
function takeable(atOnce) {
  const get = HTMLCanvasElement.prototype.getContext;
  const seen = new WeakSet();
  /** @this {HTMLCanvasElement} @param {any} kind @param {any[]} rest @returns {any} */
  HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    const context = /** @type {any} */ (get).call(this, kind, ...rest);
    if (kind !== 'webgl2' || !context || seen.has(context)) return context;
    seen.add(context);
    const ends = context.getExtension('WEBGL_lose_context');
    Object.assign(window, { graphics: { lose: () => ends.loseContext(), restore: () => ends.restoreContext() } });
    if (atOnce) {
      ends.loseContext();
      setTimeout(() => ends.restoreContext(), 1000);
    }
    return context;
  };
}
const lose = (/** @type {Playground} */ { page }) => page.evaluate(() => /** @type {any} */ (window).graphics.lose());
const restore = (/** @type {Playground} */ { page }) => page.evaluate(() => /** @type {any} */ (window).graphics.restore());

/** The context's end is no error of the page. @param {Playground} playground */
function finish(playground) {
  assert.deepEqual(playground.problems.filter((text) => !text.includes('CONTEXT_LOST')), []);
}

/** @param {(page: import('playwright-core').Page) => Promise<unknown>} prepare */
async function open(prepare) {
  const visitor = await newVisitor(site);
  await prepare(visitor.page);
  const playground = new Playground(visitor);
  await visitor.page.goto(site.address + '#' + encodeURIComponent(JSON.stringify(experiment)));
  await playground.until('the lanes are configured', (state) =>
    state.lanes?.length > 0 && everyLane(state, (lane) => lane.configured));
  return playground;
}

/** A picture of the page at rest: the same one twice. @param {Playground} playground */
async function picture(playground) {
  await playground.page.mouse.move(2, 2);
  for (let last = '', tries = 0; tries < 40; ++tries) {
    await playground.drawn(4);
    const now = (await playground.page.screenshot()).toString('base64');
    if (now === last) return now;
    last = now;
  }
  throw new Error('the picture does not come to rest');
}

test('lost while the lanes train, twice, and lost at rest: they go on, and the picture is the one before', async () => {
  const playground = await open((page) => page.addInitScript(takeable, false));
  await playground.press('train');
  for (const time of [1, 2]) {
    const { step } = await playground.until('steps', (state) => everyLane(state, (lane) => lane.step > 5 * time));
    await lose(playground);
    await playground.until('they train on', (state) => everyLane(state, (lane) => lane.step > step + 20));
    await restore(playground);
    await playground.drawn(3);
  }
  await playground.press('train');
  await playground.untilRunning(false);
  // What comes after the last step changes the picture once more.
  await playground.until('they are judged', (state) => everyLane(state, ({ valid, step }) => valid.at(-1)?.[0] === step));
  await playground.still((state) => state);
  const before = await picture(playground);
  assert.ok((await playground.colours()) > 100);
  for (const twice of [false, true]) {
    await lose(playground);
    await playground.page.waitForTimeout(50);
    await playground.drawn(2);
    await restore(playground);
    if (twice) {
      await playground.drawn(1);
      await lose(playground);
      await restore(playground);
    }
    assert.equal(await picture(playground), before);
  }
  assert.equal(await playground.page.locator('#hold').isVisible(), false);
  finish(playground);
});

test('lost before the first frame: the page opens when the context is back', async () => {
  const playground = await open((page) => page.addInitScript(takeable, true));
  await playground.page.locator('#canvas.drawn').waitFor();
  await playground.drawn(3);
  assert.ok((await playground.colours()) > 100);
  assert.equal(await playground.page.locator('#failure').isVisible(), false);
  assert.equal(await playground.page.locator('#loading').isVisible(), false);
  finish(playground);
});

test('lost for good: after a while a panel says so, the lanes go on, and the panel goes with the return', async () => {
  const playground = await open(async (page) => {
    await page.addInitScript(takeable, false);
    await page.addInitScript(() => {  // the page waits 15 s; here a fifteenth of it
      const wait = window.setTimeout;
      Object.assign(window, { setTimeout: (/** @type {TimerHandler} */ f, /** @type {number} */ ms) => wait(f, ms >= 15000 ? ms / 15 : ms) });
    });
  });
  await playground.press('train');
  await lose(playground);
  await playground.page.locator('#hold').waitFor();
  assert.match(await playground.page.locator('#hold').innerText(), /cannot draw now[^]*lanes go on[^]*reload/);
  const { step } = await playground.state();
  await playground.until('they train on', (state) => everyLane(state, (lane) => lane.step > step + 10));
  await restore(playground);
  await playground.page.locator('#hold').waitFor({ state: 'hidden' });
  await playground.drawn(3);
  assert.ok((await playground.colours()) > 100);
  finish(playground);
});
