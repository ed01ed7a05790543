// What happens to one lane's worker is told at that lane; the others go on, and a button brings it back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane, fox } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const experiment = fox([{ cell: 'rnn', hidden: 24 }, { cell: 'lstm', hidden: 16 }, { cell: 'gru', hidden: 16 }]);
const endedOf = (/** @type {any} */ state) => state.lanes.filter((/** @type {any} */ lane) => lane.ended);

/** Runs in the worker of some lane. @param {Playground} playground @param {() => void} code */
const inWorker = ({ page }, code) => page.workers()[0].evaluate(code);

/** The lane that ended, once the others have gone on. @param {Playground} playground */
async function othersGoOn(playground) {
  const state = await playground.until('one lane is told to have ended', (state) => endedOf(state).length > 0);
  assert.equal(endedOf(state).length, 1);
  const index = state.lanes.findIndex((/** @type {any} */ lane) => lane.ended);
  await playground.until('the others train on', (now) => now.lanes.every((/** @type {any} */ lane, /** @type {number} */ i) =>
    i === index ? !lane.running : lane.step > state.lanes[i].step + 10));
  assert.equal(await playground.page.locator('#failure').isVisible(), false);
  return { index, lane: state.lanes[index] };
}

test('an exception, and an end without a word: the others go on, and a button brings the lane back', async () => {
  const playground = await Playground.open(site, { experiment });
  await playground.press('train');
  await playground.until('all train', (state) => everyLane(state, (lane) => lane.step > 5));
  for (const [code, said] of /** @type {[() => void, RegExp][]} */ ([
    [() => void setTimeout(() => { throw new Error('something broke'); }), /something broke/],
    [() => void setTimeout(() => self.close()), /without a word/],
  ])) {
    await inWorker(playground, code);
    const { index, lane } = await othersGoOn(playground);
    assert.match(lane.ended.what, said);
    assert.ok(lane.ended.kept_step <= lane.step);  // −1: none yet; the first is kept after 15 s
    await playground.click(`lane${index}.revive`);
    await playground.until('it trains again', (state) => !endedOf(state).length && state.lanes[index].running && state.lanes[index].step > 5);
  }
  // Reset revives, too.
  await inWorker(playground, () => void setTimeout(() => self.close()));
  await othersGoOn(playground);
  await playground.press('reset');
  await playground.until('all are at the start', (state) => everyLane(state, (lane) => lane.configured && !lane.ended && lane.step === 0));
  assert.deepEqual(playground.problems.filter((text) => !text.includes('something broke')), []);
});

test('from the last state that was kept', async () => {
  const prepare = () => {  // states are kept every 15 s; here every second
    const every = window.setInterval;
    Object.assign(window, { setInterval: (/** @type {TimerHandler} */ f, /** @type {number} */ ms) => every(f, ms >= 15000 ? ms / 15 : ms) });
  };
  const playground = await Playground.open(site, { experiment: { ...experiment, lanes: experiment.lanes.slice(0, 2) }, prepare });
  await playground.press('train');
  await playground.until('2.5 s of training', (state) => everyLane(state, (lane) => lane.seconds > 2.5));
  await inWorker(playground, () => void setTimeout(() => self.close()));
  const { index, lane } = await othersGoOn(playground);
  assert.ok(lane.ended.kept_step > 0 && lane.ended.kept_step <= lane.step, `kept at ${lane.ended.kept_step} of ${lane.step}`);
  await playground.press('train');
  await playground.untilRunning(false);
  await playground.click(`lane${index}.revive`);
  const back = await playground.until('it stands where it stood', (state) => !endedOf(state).length && state.lanes[index].configured);
  assert.equal(back.lanes[index].step, lane.ended.kept_step);
  await playground.press('train');
  await playground.until('it trains on', (state) => state.lanes[index].step > lane.ended.kept_step + 10);
  playground.finish();
});

test('memory that does not suffice, and no connection for a new lane', async () => {
  const playground = await Playground.open(site, { experiment: { ...experiment, lanes: experiment.lanes.slice(0, 2) }, fresh: true });
  const { page } = playground;
  await inWorker(playground, () => {
    WebAssembly.Memory.prototype.grow = () => { throw new RangeError('refused by the test'); };
  });
  await page.locator('#text').fill('A longer text, for which more memory is needed. '.repeat(60000));
  const { lanes } = await playground.until('the lane ends', (state) => endedOf(state).length === 1);
  assert.match(lanes.find((/** @type {any} */ lane) => lane.ended).ended.what, /stopped|memory/);
  await playground.click('clear-text');
  await page.locator('#text').fill(experiment.data.text);
  await playground.until('a text that fits revives it', (state) => everyLane(state, (lane) => lane.configured && !lane.ended));

  await page.context().setOffline(true);
  await playground.click('add-lane');
  const state = await playground.until('the new lane says it', (state) => state.lanes.length === 3 && endedOf(state).length === 1);
  assert.match(state.lanes[2].ended.what, /no connection/);
  await page.context().setOffline(false);
  await playground.until('it comes with the connection', (state) => everyLane(state, (lane) => lane.configured && !lane.ended));
  assert.equal(await page.locator('#failure').isVisible(), false);
});

test('a tab that the browser freezes goes on when it is thawed; another size and pixel ratio change nothing but the picture', async () => {
  const playground = await Playground.open(site, { experiment, fresh: true });
  const { page } = playground, devtools = await page.context().newCDPSession(page);
  await playground.press('train');
  let { lanes } = await playground.until('all train', (state) => everyLane(state, (lane) => lane.step > 5));
  const on = () => playground.until('they go on', (state) => state.lanes.every((/** @type {any} */ lane, /** @type {number} */ i) =>
    lane.running && lane.step > lanes[i].step + 20 && lane.history.steps[0] <= 1 + lane.step / 500));
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  ({ lanes } = await on());
  for (const [width, height, deviceScaleFactor] of [[700, 500, 2], [1280, 720, 1.25]]) {
    await devtools.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor, mobile: false });
    await page.waitForFunction(([width, height]) => {
      const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById('canvas'));
      return Math.abs(canvas.width - width) < 2 && Math.abs(canvas.height - height) < 2;
    }, [width * deviceScaleFactor, height * deviceScaleFactor]);
    ({ lanes } = await on());
  }
  playground.finish();
});

test('a hidden tab goes on taking what its lanes tell, without drawing it', async () => {
  const playground = await Playground.open(site, { experiment });
  await playground.press('train');
  const { lanes } = await playground.until('all train', (state) => everyLane(state, (lane) => lane.step > 5));
  const hide = (/** @type {boolean} */ hidden) => playground.page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
    const draw = WebGL2RenderingContext.prototype;
    const counted = /** @type {any} */ (window);
    counted.elements ??= draw.drawElements;
    counted.draws = 0;
    draw.drawElements = function (...list) {
      ++counted.draws;
      counted.elements.apply(this, list);
    };
  }, hidden);
  await hide(true);
  await playground.until('their steps are known', (state) => state.lanes.every((/** @type {any} */ lane, /** @type {number} */ i) =>
    lane.step > lanes[i].step + 50 && lane.running));
  assert.equal(await playground.page.evaluate('draws'), 0);
  await hide(false);
  await playground.drawn(2);
  assert.ok(Number(await playground.page.evaluate('draws')) > 0);
  playground.finish();
});
