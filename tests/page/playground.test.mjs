// The whole path in Chromium: a stranger opens the page, gives it a text, trains two lanes and watches them learn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonOf } from '../../web/page/hash.mjs';
import { until } from './display.mjs';
import { Playground, everyLane } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const sentence = 'Sphinx of black quartz, judge my vow. ';
const small = {
  unroll: 1,
  data: { text: sentence.repeat(60), valid: 0.1 },
  train: { batch: 4, seq_length: 32, rate: 0.01, steps: 200, seed: 3 },
  lanes: [
    { cell: 'rnn', hidden: 48 },
    { cell: 'lstm', hidden: 32 },
  ],
};

/** @param {any} state index of the first lstm */
const lstmOf = (state) => state.experiment.lanes.findIndex((/** @type {any} */ lane) => (lane.cell ?? 'lstm') === 'lstm');

test('first visit: it draws, says what it is, and nothing goes wrong', async () => {
  const playground = await Playground.open(site, { pictures: true });
  const state = await playground.state();
  assert.equal(state.lanes.length, 2);
  assert.equal(state.running, false);
  assert.ok(state.text.endless);
  assert.ok((await playground.colours()) > 200);
  await playground.says(/Ready/);
  const engine = await playground.page.evaluate(() => window.unroll.engine);
  assert.equal(engine, 'relaxed');
  playground.finish();
});

test('first step: how long after navigation (printed)', async () => {
  const playground = await Playground.open(site, { experiment: { unroll: 1, view: { autoplay: true } }, pictures: true, fresh: true });
  await playground.until('both lanes have done a step', (state) =>
    everyLane(state, (lane) => lane.step > 0));
  const seconds = await playground.page.evaluate(() => performance.now() / 1000);
  const loaded = await playground.page.evaluate(() =>
    performance.getEntriesByType('resource').reduce((sum, entry) => sum + /** @type {any} */ (entry).encodedBodySize, 0));
  console.log(`both lanes have trained ${seconds.toFixed(2)} s after navigation; ${(loaded / 1e6).toFixed(2)} MB loaded`);
  assert.ok(seconds < 30);
  playground.finish();
});

test('default text: both lanes advance in the same second, and the LSTM passes the bigram baseline', async () => {
  const playground = await Playground.open(site, { pictures: true });
  const begin = Date.now();
  await playground.click('train');
  await playground.untilRunning(true);
  await playground.until('baselines', (state) => state.baselines !== null);
  const steps = async () => (await playground.state()).lanes.map((/** @type {any} */ lane) => lane.step);
  await playground.until('both lanes have begun', (state) => everyLane(state, (lane) => lane.step > 0));
  let together = false;
  for (let second = 0; second < 20 && !together; ++second) {
    const before = await steps();
    await playground.page.waitForTimeout(1000);
    const after = await steps();
    together = after[0] > before[0] && after[1] > before[1];
  }
  assert.ok(together);
  const lstm = lstmOf(await playground.state());
  const state = await playground.until('the LSTM is below the bigram baseline', (state) =>
    state.lanes[lstm].valid.some((/** @type {number[]} */ [, loss]) => loss < state.baselines.bigram));
  console.log(`below the bigram baseline (${state.baselines.bigram.toFixed(3)}) ${((Date.now() - begin) / 1000).toFixed(1)} s ` +
    `after Train; characters per second: ${state.lanes.map((/** @type {any} */ lane) => Math.round(lane.chars_per_second))}`);
  assert.ok(state.lanes[lstm].written.length > 0, 'it writes while it learns');
  assert.ok(state.lanes[lstm].probe.losses.length > 10, 'the timeline is probed');
  await playground.click('train');
  await playground.untilRunning(false);
  playground.finish();
});

test('a typed text is learned: the prediction is right for a memorised sentence', async () => {
  const playground = await Playground.open(site);
  const { page } = playground;
  await page.locator('#text').fill('');
  await page.locator('#text').focus();
  await page.keyboard.insertText(sentence.repeat(40));
  await playground.until('the text is counted', (state) => state.text.characters === 40 * sentence.length);
  await playground.until('the lanes know it', (state) =>
    everyLane(state, (lane) => lane.configured && lane.vocabulary.length === new Set(sentence).size));
  await playground.click('train');
  const lstm = lstmOf(await playground.state());
  await playground.until('the LSTM knows it by heart', (state) => state.lanes[lstm].step > 0 && state.lanes[lstm].smooth < 0.1);
  await playground.click('train');
  await playground.untilRunning(false);
  for (const [prefix, next] of [['Sphinx of bl', 'a'], ['black quartz', ','], ['judge my ', 'v']]) {
    await page.locator('#prefix').fill(prefix);
    const { lanes } = await playground.until('a prediction for the prefix', (state) =>
      state.lanes[lstm].prediction.prefix === prefix && state.lanes[lstm].prediction.top.length > 0);
    const [symbol, probability] = lanes[lstm].prediction.top[0];
    assert.equal(symbol, next);
    assert.ok(probability > 0.5);
  }
  playground.finish();
});

test('pause, resume and reset give the same curve for the same seed', async () => {
  const playground = await Playground.open(site, { experiment: small });
  const curves = (/** @type {any} */ state) => state.lanes.map((/** @type {any} */ lane) => lane.history);
  const done = () => playground.until('200 steps', (state) =>
    !state.running && everyLane(state, (lane) => lane.step === 200 && !lane.running));
  await playground.click('train');
  for (let pause = 0; pause < 3; ++pause) {
    await playground.page.waitForTimeout(120);
    const { running } = await playground.state();
    if (!running) break;
    await playground.click('train');
    await playground.untilRunning(false);
    await playground.page.locator('#prefix').fill('Sphinx'.slice(0, pause + 2));
    await playground.click('train');
  }
  const interrupted = curves(await done());
  await playground.press('reset');
  await playground.until('the lanes are at step 0', (state) => everyLane(state, (lane) => lane.step === 0));
  await playground.click('train');
  const straight = curves(await done());
  assert.equal(straight[0].losses.length, 200);
  assert.deepEqual(interrupted, straight);
  assert.ok(straight[1].losses[199] < straight[1].losses[0] * 0.7);

  await playground.press('new-seed');
  await playground.until('the lanes are at step 0', (state) => everyLane(state, (lane) => lane.step === 0));
  await playground.click('train');
  assert.notDeepEqual(curves(await done()), straight);
  playground.finish();
});

test('the main actions are buttons for the keyboard and for screen readers', async () => {
  const playground = await Playground.open(site, { experiment: small });
  const { page } = playground;
  const train = page.getByRole('button', { name: 'Train', exact: true });
  await train.focus();
  await page.keyboard.press('Enter');
  await playground.until('training has begun', (state) => everyLane(state, (lane) => lane.step > 0));
  await playground.until('training has ended', (state) => !state.running && state.step === 200);
  await page.getByRole('button', { name: /^Reset/ }).press('Enter');
  await playground.until('step 0', (state) => state.step === 0);
  await page.getByRole('button', { name: 'Step', exact: true }).press('Enter');
  await playground.until('step 1', (state) => everyLane(state, (lane) => lane.step === 1));
  playground.finish();
});

test('text goes in by paste, and undo takes it back', async () => {
  const playground = await Playground.open(site, {
    experiment: small,
    options: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  const { page } = playground;
  const pasted = 'Grüße, 漢字 und 🎭!\n'.repeat(50);
  await page.evaluate((text) => navigator.clipboard.writeText(text), pasted);
  await page.locator('#text').focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Control+V');
  const symbols = [...pasted].length;
  await playground.until('the pasted text is counted', (state) => state.text.characters === symbols);
  assert.equal(await page.locator('#text').inputValue(), pasted);
  await page.keyboard.press('Control+Z');
  await playground.until('the old text is back', (state) => state.text.characters === small.data.text.length);
  playground.finish();
});

test('a dropped file is learned', async () => {
  const playground = await Playground.open(site, { experiment: small });
  await playground.drop('numbers.txt', 'one two three four five\n'.repeat(100));
  await playground.until('the file is the text', (state) => state.text.characters === 2400);
  await playground.shows('text', /^one two three/);
  playground.finish();
});

test('the address keeps the experiment, and opens it again', async () => {
  const playground = await Playground.open(site, { experiment: small });
  const { page } = playground;
  const text = 'abcdefgh '.repeat(100);
  await page.locator('#text').fill(text);
  await until('the address has it', async () =>
    JSON.parse((await jsonOf(await page.evaluate(() => location.hash))) ?? '{}').data?.text === text);
  await page.reload();
  const state = await playground.until('the same text', (state) => state.text?.characters === 900);
  assert.deepEqual(state.experiment.lanes.map((/** @type {any} */ lane) => lane.hidden), [48, 32]);
  assert.equal(state.experiment.train.rate, 0.01);
  playground.finish();
});

test('a damaged address is explained, and the default experiment is shown', async () => {
  const playground = await Playground.open(site, { hash: '#z=AAAA' });
  await playground.says(/damaged or cut off/, 'notice');
  await playground.page.locator('#notice-close').click();
  assert.equal(await playground.page.locator('#notice').isVisible(), false);
  assert.equal((await playground.state()).lanes.length, 2);
  playground.finish();
});

test('an experiment with a mistake is explained: field, what was found, what is allowed', async () => {
  const playground = await Playground.open(site, { hash: '#' + encodeURIComponent('{"unroll":1,"lanes":[{"cell":"lstm","hidden":99999}]}') });
  const { problems, lanes } = await playground.until('the mistake is shown', (state) => state.problems.length > 0);
  assert.match(problems[0].where, /lanes\[0\]\.hidden/);
  assert.match(problems[0].what, /99999/);
  assert.equal(lanes.length, 2);
  playground.finish();
});

test('every view is drawn, and the graphics have nothing to say against it', async () => {
  const playground = await Playground.open(site, { experiment: { ...small, view: { autoplay: true } }, pictures: true });
  await playground.until('200 steps', (state) => !state.running && everyLane(state, (lane) => lane.step === 200));
  for (const view of ['timeline', 'memory', 'cell', 'gates', 'weights', 'step', 'learn']) {
    await playground.click(`tab.${view}`);
    await playground.until(view, (state) => state.tab === view);
    await playground.drawn(5);
    const colours = await playground.colours();
    assert.ok(colours > 200, `${view}: ${colours} colours`);
  }
  playground.finish();
});

test('nothing is drawn when nothing happens', async () => {
  const playground = await Playground.open(site, { experiment: small });
  await playground.page.waitForTimeout(2500); // delayed edits, tool tips
  const frames = await playground.page.evaluate(async () => {
    let frames = 0;
    const request = window.requestAnimationFrame;
    window.requestAnimationFrame = (callback) => (++frames, request(callback));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return frames;
  });
  assert.equal(frames, 0);
  playground.finish();
});

test('training never makes the page stutter', async () => {
  const playground = await Playground.open(site, { pictures: true });
  await playground.click('train');
  await playground.until('both lanes have begun', (state) => everyLane(state, (lane) => lane.step > 0));
  await playground.page.waitForTimeout(1500);
  const { lateness, tasks } = await playground.page.evaluate(async () => {
    /** @type {number[]} */ const tasks = [];
    const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration)));
    observer.observe({ type: 'longtask' });
    /** @type {number[]} */ const lateness = [];
    for (const end = performance.now() + 4000; performance.now() < end; ) {
      const begin = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 20));
      lateness.push(performance.now() - begin - 20);
    }
    return { lateness: lateness.sort((a, b) => a - b), tasks };
  });
  const median = lateness[lateness.length >> 1];
  console.log(`4 s of training: ${tasks.length} tasks over 50 ms, longest ${Math.round(Math.max(0, ...tasks))} ms; ` +
    `a timer comes ${median.toFixed(1)} ms late (median), at worst ${lateness[lateness.length - 1].toFixed(0)} ms`);
  assert.ok(median < 25);
  playground.finish();
});

test('on a phone in portrait it fits, and a tap trains', async () => {
  const playground = await Playground.open(site, {
    experiment: small,
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  });
  const { page } = playground;
  assert.ok((await playground.colours()) > 100);
  const [width, pixels] = await page.evaluate(() => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById('canvas'));
    return [document.documentElement.scrollWidth, canvas.width];
  });
  assert.equal(width, 390);
  assert.equal(pixels, 780);
  for (const [id, [x, , w]] of Object.entries(await page.evaluate(() => window.unroll.widgets())))
    if (id.startsWith('panel.')) assert.ok(x >= 0 && x + w <= 390, `${id} is cut off`);
  await playground.tap('train');
  await playground.until('training has ended', (state) => !state.running && state.step === 200);
  playground.finish();
});

test('where the browser does not tell the zoom of the page, its window does: the canvas stays sharp', async () => {
  const prepare = () => {  // as in WebKit, where devicePixelRatio stays 1
    delete (/** @type {any} */ (ResizeObserverEntry.prototype)).devicePixelContentBoxSize;
    Object.defineProperty(window, 'outerWidth', { get: () => 1280 });
  };
  const playground = await Playground.open(site, { experiment: small, prepare });
  for (const width of [1280, 960, 640]) {  // zoomed: the window has fewer pixels of the page's
    await playground.page.setViewportSize({ width, height: 720 });
    const zoom = 1280 / width;
    await playground.page.waitForFunction(([width, height]) => {
      const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById('canvas'));
      return canvas.width === width && canvas.height === height;
    }, [1280, Math.round(720 * zoom)]);
  }
  playground.finish();
});

test('at 1280 × 633 nothing is cut off, the menu of texts fits, and top-k stands beside the temperature', async () => {
  const size = { width: 1280, height: 633 };
  const playground = await Playground.open(site, { experiment: small, options: { viewport: size } });
  const within = async (/** @type {string} */ id, /** @type {string} */ card) => {
    const [inner, outer] = [await playground.box(id), await playground.box(card)];
    assert.ok(inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width &&
      inner.y + inner.height <= outer.y + outer.height, `${id} sticks out of ${card}`);
  };
  await within('continue', 'panel.predict');
  await within('temperature.plus', 'panel.samples');
  await within('timeline.find-menu', 'panel.timeline');
  await playground.click('samples.sampling');
  await playground.click('top_k.plus');
  await playground.until('the likeliest one only', ({ experiment }) => experiment.view.top_k === 1);
  await playground.page.keyboard.press('Escape');
  await playground.page.waitForFunction(() => !window.unroll.widgets()['top_k.plus']);
  await playground.click('examples');
  await playground.place('example.story');
  const entries = Object.entries(await playground.page.evaluate(() => window.unroll.widgets())).filter(([id]) => id.startsWith('example.'));
  assert.ok(entries.length >= 10);
  for (const [id, [, y, , height]] of entries) assert.ok(y >= 0 && y + height <= size.height, `${id} needs a fold`);
  await playground.page.keyboard.press('Escape');
  await playground.click('tab.timeline');
  await playground.until('the timeline alone', (state) => state.tab === 'timeline');
  assert.ok((await playground.box('panel.timeline')).height > 0.75 * size.height, 'the timeline uses its height');
  playground.finish();
});

test('an embedding page of 640 pixels shows it, too', async () => {
  const playground = await Playground.open(site, { experiment: small, options: { viewport: { width: 640, height: 480 } } });
  assert.ok((await playground.colours()) > 100);
  await playground.click('train');
  await playground.until('training has ended', (state) => !state.running && state.step === 200);
  playground.finish();
});

test('the security policy is strict, and the page lives with it', async () => {
  const playground = await Playground.open(site, { experiment: small });
  const { page } = playground;
  const policy = await page.locator('meta[http-equiv=Content-Security-Policy]').getAttribute('content');
  assert.match(policy ?? '', /default-src 'none'/);
  assert.doesNotMatch(policy ?? '', /unsafe-inline|'unsafe-eval'/);
  const blocked = await page.evaluate(async () => {
    const violation = new Promise((resolve) => document.addEventListener('securitypolicyviolation', resolve, { once: true }));
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.body.append(script);
    await violation;
    return !('injected' in window);
  });
  assert.ok(blocked);
  assert.equal(playground.problems.filter((problem) => /Content Security Policy/.test(problem)).length, playground.problems.length);
});
