// Cores that no lane uses help a lane that trains: the curve is the same with any number of them, whatever becomes of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, fox } from './playground.mjs';
import { patience, useSite } from './site.mjs';

const site = useSite();

const steps = 150;
const experiment = fox([{ cell: 'lstm', hidden: 96, layers: 2, dropout: 0.2 }], { train: { batch: 29, seq_length: 32, steps } });

/**
 * A page on a machine of so many cores, which remembers its helpers, how many each lane was given last, and on how many cores its lane
 * has trained.
 * @param {number} cores
 */
const prepare = (cores) => `
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: ${cores} });
  Object.assign(window, { helpers: [], given: new Map(), most: 1, lost: 0 });
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message.help) window.helpers.push(this);
    if (message.helpers) window.given.set(this, message.helpers.length);
    return post.call(this, message, ...rest);
  };
  const started = window.setTimeout;  // helpers come at once
  window.setTimeout = (call, time, ...rest) => started(call, time === 1500 ? 0 : time, ...rest);
  setInterval(() => (window.most = Math.max(window.most, window.unroll?.state().lanes?.[0]?.cores ?? 1)), 5);
`;

/** @param {number} cores @param {(playground: Playground) => Promise<void>} [meanwhile] @param {any} [trained] */
async function train(cores, meanwhile, trained = experiment) {
  const { steps } = trained.train;
  const playground = await Playground.open(site, { experiment: trained, fresh: true, prepare: /** @type {any} */ ({ content: prepare(cores) }) });
  await playground.press('train');
  await meanwhile?.(playground);
  const { lanes: [lane] } = await playground.until('it has done its steps', (state) =>
    state.lanes[0].step === steps && !state.lanes[0].running && state.lanes[0].valid.length > 0 &&
    state.lanes[0].history.steps.at(-1) === steps);
  const { helpers, most } = await playground.page.evaluate(() => {
    const { helpers, most } = /** @type {any} */ (window);
    return { helpers: helpers.length, most };
  });
  playground.finish();
  return { curve: { history: lane.history, smooth: lane.smooth, best: lane.best, valid: lane.valid }, helpers, most };
}

/** Waits until no more workers than these live. @param {import('playwright-core').Page} page @param {number} workers */
async function left(page, workers) {
  for (const end = Date.now() + patience; page.workers().length > workers; await page.waitForTimeout(50))
    assert.ok(Date.now() < end, 'the helper stays');
}

test('the curve is the same with 0, 1, 2 and 3 helpers', async () => {
  const alone = await train(1);
  assert.deepEqual([alone.helpers, alone.most], [0, 1]);
  for (const helpers of [1, 2, 3]) {
    const helped = await train(helpers + 1);
    assert.equal(helped.helpers, helpers);
    assert.ok(helped.most > 1, 'nobody helped');
    assert.deepEqual(helped.curve, alone.curve);
  }
});

test('so it is of strings without places, and of mixtures', async () => {
  for (const name of ['words', 'writing']) {
    const task = { ...experiment, data: { task: { name } }, lanes: [{ cell: 'gru', hidden: 64 }], train: { batch: 32, steps: 60 } };
    const alone = await train(1, undefined, task), helped = await train(2, undefined, task);
    assert.ok(helped.most > 1, 'nobody helped');
    assert.deepEqual(helped.curve, alone.curve);
  }
});

test('helpers that end at any moment, with a word or without: the curve is the same', async () => {
  const alone = await train(1);
  let killed = 0;
  const helped = await train(3, async ({ page }) => {
    for (; killed < 20; ++killed) {
      await page.waitForTimeout(10 + 60 * Math.random());
      const { step } = await page.evaluate((silent) => {
        const { helpers, unroll } = /** @type {any} */ (window), helper = helpers.at(-1);
        helper?.terminate();
        if (!silent) helper?.onerror(new ErrorEvent('error', { message: 'killed by the test', cancelable: true }));
        return unroll.state().lanes[0];
      }, killed === 7);
      if (step >= steps) break;
    }
  });
  assert.ok(killed > 5, `${killed} were killed`);
  assert.ok(helped.helpers > killed / 2, 'they are replaced');
  assert.deepEqual(helped.curve, alone.curve);
});

test('lanes come first, a lane that stands has no helper, nor has a page that nobody sees', async () => {
  const playground = await Playground.open(site, {
    experiment: fox([{ cell: 'rnn', hidden: 32 }, { cell: 'gru', hidden: 32 }], { train: { batch: 16 } }),
    fresh: true, prepare: /** @type {any} */ ({ content: prepare(3) }),
  });
  const { page } = playground;
  const lanesAlone = page.workers().length;
  await playground.press('train');
  await playground.until('they train', (state) => state.lanes.every((/** @type {any} */ lane) => lane.step > 5));
  // Who trains alone for a moment may have both; and who brings nothing is let go, but was given.
  await page.waitForFunction(() => [.../** @type {any} */ (window).given.values()].reduce((sum, count) => sum + count, 0) === 1);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  await left(page, lanesAlone);
  playground.finish();
});

test('on a battery that is low nobody helps, until it is charged', async () => {
  const battery = `
    const battery = Object.assign(new EventTarget(), { charging: true, level: 0.15 });
    navigator.getBattery = async () => battery;
    Object.assign(window, { charge: (charging) => (battery.charging = charging, battery.dispatchEvent(new Event('chargingchange'))) });`;
  const playground = await Playground.open(site, {
    experiment: fox([{ cell: 'gru', hidden: 32 }], { train: { batch: 16 } }),
    fresh: true, prepare: /** @type {any} */ ({ content: prepare(2) + battery }),
  });
  const { page } = playground, alone = page.workers().length;
  const given = (/** @type {number} */ helpers) => page.waitForFunction((helpers) => /** @type {any} */ (window).helpers.length === helpers, helpers);
  const charge = (/** @type {boolean} */ charging) => page.evaluate((charging) => /** @type {any} */ (window).charge(charging), charging);
  await playground.press('train');
  await given(1);
  await charge(false);
  await left(page, alone);
  await charge(true);
  await given(2);
  playground.finish();
});

test('a key is answered while all cores work', async () => {
  const playground = await Playground.open(site, {
    experiment: fox([{ cell: 'lstm', hidden: 256 }], { train: { batch: 32, seq_length: 64 } }),
    fresh: true, prepare: /** @type {any} */ ({ content: prepare(4) }),
  });
  await playground.press('train');
  await playground.until('it trains', (state) => state.lanes[0].step > 2);
  await playground.page.waitForFunction(() => /** @type {any} */ (window).helpers.length === 3);
  for (let n = 0; n < 3; ++n) {
    await playground.press('train');
    await playground.untilRunning(n % 2 === 1);
  }
  playground.finish();
});
