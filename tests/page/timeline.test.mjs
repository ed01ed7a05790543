// The timeline's tracks and the memory view: driven by pointer and keyboard, and read back from what the pictures are
// drawn from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { patience, useSite } from './site.mjs';

const site = useSite();

const text = 'the cat (a small one) said: "the end". Then it slept.\n'.repeat(50);
const probe = 'the cat (a small one) said: "the end". ';
const experiment = {
  unroll: 1,
  data: { text, valid: 0.1 },
  train: { batch: 4, seq_length: 32, rate: 0.01, steps: 120, seed: 3 },
  lanes: [{ cell: 'rnn', hidden: 24 }, { cell: 'lstm', hidden: 16 }],
  view: { tracks: ['surprise', 'saliency', 'flow', 'c', 'h', 'f'], probe, tab: 'timeline' },
};

/** Trains to the end and waits until the pictures are those of the last step. @param {object} document */
async function trained(document) {
  const playground = await Playground.open(site, { experiment: document });
  await playground.click('train');
  await playground.until('120 steps', (state) => !state.running && everyLane(state, (lane) => lane.step === 120));
  await playground.until('pictures of the last step', (state) =>
    state.timeline.lanes.every((/** @type {any} */ lane) => lane.step === 120 || !lane.pictures.h));
  return playground;
}

test('tracks of units: a click chooses character and unit, keys move on, and every cell has its own tracks', async () => {
  const playground = await trained(experiment);
  let { timeline } = await playground.state();
  assert.deepEqual(Object.keys(timeline.lanes[0].pictures).sort(), ['flow', 'h', 'saliency', 'surprise']);
  assert.deepEqual(Object.keys(timeline.lanes[1].pictures).sort(), ['c', 'f', 'flow', 'h', 'saliency', 'surprise']);
  assert.deepEqual([timeline.lanes[1].pictures.c.rows, timeline.lanes[1].pictures.c.columns], [16, probe.length]);
  assert.equal(timeline.time_step, probe.length - 1);

  const { width } = await playground.box('timeline.lane1.h.picture');
  await playground.click('timeline.lane1.h.picture', [(10.5 * timeline.column_width) / width, 5.5 / 16]);
  timeline = (await playground.until('the click has chosen', (state) => state.timeline.chosen === 10)).timeline;
  assert.equal(timeline.unit, 5);
  assert.equal(timeline.lane, 1);
  await playground.page.keyboard.press('.');
  await playground.page.keyboard.press('.');
  await playground.page.keyboard.press(',');
  await playground.until('the keys have moved', (state) => state.timeline.chosen === 11);
  await playground.page.keyboard.press('Escape');
  await playground.until('nothing is chosen', (state) => state.timeline.chosen === -1);
  playground.finish();
});

test('gradient flow: it begins at the character before the chosen one, and only reaches back', async () => {
  const playground = await trained(experiment);
  const { column_width } = (await playground.state()).timeline;
  const { width } = await playground.box('timeline.lane0.flow.picture');
  await playground.click('timeline.lane0.flow.picture', [(20.5 * column_width) / width, 0.5]);
  const { timeline } = await playground.until('flow of character 20', (state) =>
    state.timeline.chosen === 20 && state.timeline.lanes.every((/** @type {any} */ { pictures }) =>
      pictures.flow?.values[19] === 0 && pictures.flow.values[20] === null));
  for (const { pictures } of timeline.lanes) {
    assert.equal(pictures.saliency.values[19], 0);  // log10 of the share of lag 0
    assert.ok(pictures.flow.values.slice(0, 19).every((/** @type {number|null} */ value) => value !== null));
    assert.ok(pictures.flow.values.slice(20).every((/** @type {number|null} */ value) => value === null));
  }
  playground.finish();
});

test('the tracks menu shows, hides and moves tracks; a click on a name folds', async () => {
  const playground = await Playground.open(site, { experiment: { ...experiment, view: { probe, tab: 'timeline' } } });
  await playground.click('timeline.tracks-menu');
  await playground.click('track.h');
  await playground.until('h is shown', (state) => state.timeline.tracks.join() === 'surprise,guesses,h');
  await playground.until('with a picture', (state) => state.timeline.lanes[0].pictures.h?.rows === 24);
  await playground.click('track.h.up');
  await playground.until('h is further up', (state) => state.timeline.tracks.join() === 'surprise,h,guesses');
  await playground.click('track.guesses');
  await playground.until('guesses are hidden', (state) => state.timeline.tracks.join() === 'surprise,h');
  await playground.page.keyboard.press('Escape');
  const picture = 'timeline.lane0.h.picture';
  const unfolded = await playground.box(picture);
  await playground.click('timeline.lane0.h');
  await playground.page.waitForFunction(([id, height]) => window.unroll.widgets()[id]?.[3] < height, /** @type {const} */ ([picture, unfolded.height / 2]));
  playground.finish();
});

test('find the cell: units are ordered by their correlation, also with a pattern of one\'s own', async () => {
  const playground = await trained(experiment);
  await playground.click('timeline.find-menu');
  await playground.until('correlations', (state) =>
    state.timeline.lanes.every((/** @type {any} */ lane) => lane.units?.in_brackets?.length > 0));
  await playground.click('units.in_brackets.lane1');
  const strength = (/** @type {number|null} */ r) => (r === null ? -1 : Math.abs(r));
  let { timeline } = await playground.until('ordered by brackets', (state) =>
    state.timeline.sort === 'feature' && state.timeline.feature === 'in_brackets' &&
    state.timeline.unit === state.timeline.lanes[1].order[0] && state.timeline.lane === 1);
  const r = timeline.lanes[1].units.in_brackets;
  const order = timeline.lanes[1].order;
  assert.deepEqual(order.map((/** @type {number} */ unit) => strength(r[unit])),
    r.map(strength).sort((/** @type {number} */ a, /** @type {number} */ b) => b - a));
  await playground.page.locator('#pattern').fill('c[a-z]t');
  await playground.until('the pattern is a feature', (state) =>
    state.timeline.lanes.every((/** @type {any} */ lane) => lane.units?.pattern?.length > 0));
  playground.finish();
});

test('memory: lanes face each other, with the horizon that their curves have', async () => {
  const playground = await trained({ ...experiment, view: { ...experiment.view, tab: 'memory' } });
  let { memory } = await playground.until('averages', (state) =>
    state.memory.lanes.every((/** @type {any} */ lane) => lane.shares.length > 10));
  for (const { shares, horizon, reached } of memory.lanes) {
    assert.ok(Math.abs(shares[0] - 1) < 1e-6);
    assert.equal(reached, shares[shares.length - 1] < 0.01);
    if (reached) assert.ok(shares.slice(Math.ceil(horizon) + 1).every((/** @type {number} */ share) => share < 0.01));
  }
  await playground.click('memory.mode.this character');
  memory = (await playground.until('of the last character', (state) =>
    state.memory.mode === 'this character' && state.memory.lanes[0].shares.length === probe.length - 1)).memory;
  await playground.click('memory.text', [0.9, 0.2]);
  await playground.until('another character is chosen', (state) =>
    state.timeline.chosen >= 0 && state.memory.lanes[0].shares.length === state.timeline.chosen);
  playground.finish();
});

test('memory says what it measures, and its axis reaches as far as a horizon', async () => {
  const far = { cell: 'lstm', hidden: 8, forget_bias: 4 };  // forgets 2% a character
  const playground = await Playground.open(site, {
    experiment: { ...experiment, data: { text: text.repeat(4), valid: 0.3 }, lanes: [far, { cell: 'rnn', hidden: 8 }], view: { tab: 'memory' } },
  });
  const { memory } = await playground.until('a horizon beyond 119', (state) =>
    state.memory.lanes[0].reached && state.memory.lanes[0].horizon > 119 && state.memory.axis > state.memory.lanes[0].horizon);
  assert.equal(memory.axis, Math.max(...memory.lanes.map((/** @type {any} */ { shares }) => shares.length)) - 1);
  assert.match(memory.says, /^Sensitivity, not use: .* RNN's can reach far, because nothing in it ever clears the state/);
  playground.finish();
});

test('gates: each unit has its shares of nearly closed and nearly open, and a click on its point chooses it', async () => {
  const playground = await trained({ ...experiment, view: { ...experiment.view, tab: 'gates' } });
  const { gates, timeline } = await playground.until('shares of i, f and o', (state) => state.gates?.length === 3);
  assert.deepEqual(gates.map((/** @type {any} */ { gate }) => gate), ['i', 'f', 'o']);
  for (const { closed, open } of gates) {
    assert.equal(closed.length, 16);
    closed.forEach((/** @type {number} */ share, /** @type {number} */ unit) => assert.ok(share >= 0 && share + open[unit] <= 1.00001));
  }
  // The values behind the shares of one unit are those of the timeline's track.
  const f = timeline.lanes[1].pictures.f?.unit;
  if (f) {
    const share = f.filter((/** @type {number} */ value) => value > 0.9).length / f.length;
    assert.ok(Math.abs(share - gates[1].open[timeline.unit]) < 1e-5);
  }
  const distance = (/** @type {any} */ gate, /** @type {number} */ a, /** @type {number} */ b) =>
    Math.hypot(gate.closed[a] - gate.closed[b], gate.open[a] - gate.open[b]);
  const others = (/** @type {number} */ unit) => gates[1].closed.map((/** @type {number} */ _, /** @type {number} */ i) =>
    i === unit ? Infinity : distance(gates[1], unit, i));
  const alone = gates[1].closed.findIndex((/** @type {number} */ _, /** @type {number} */ unit) =>
    unit > 0 && Math.min(...others(unit)) > 0.02);
  if (alone > 0) {
    await playground.click('gates.lane1.f', [gates[1].closed[alone], 1 - gates[1].open[alone]]);
    await playground.until('it is chosen', (state) => state.timeline.unit === alone && state.timeline.lane === 1);
  }
  playground.finish();
});

test('with 256 units and 400 characters: from probe to picture while both lanes train, and scrubbing (printed)', async () => {
  const prose = 'It was a dark night, and the rain fell (mostly) in torrents; "who is there?" she said. ';
  const playground = await Playground.open(site, {
    experiment: {
      unroll: 1,
      lanes: [{ cell: 'rnn', hidden: 256 }, { cell: 'lstm', hidden: 256 }],
      view: { tracks: ['surprise', 'c', 'h', 'f', 'flow'], probe: prose.repeat(5).slice(0, 400), tab: 'timeline' },
    },
  });
  await playground.click('train');
  await playground.until('pictures', (state) =>
    everyLane(state, (lane) => lane.step > 20) &&
    state.timeline.lanes.every((/** @type {any} */ lane) => lane.step > 0 && lane.pictures.h?.columns >= 300));
  /** @type {number[]} */ const answers = [];
  let steps = '';
  for (const end = Date.now() + patience; answers.length <= 4 && Date.now() < end; await playground.page.waitForTimeout(100)) {
    const { timeline } = await playground.state();
    const now = timeline.lanes.map((/** @type {any} */ lane) => lane.step).join();
    if (now !== steps) answers.push(...timeline.lanes.map((/** @type {any} */ lane) => lane.answer_milliseconds));
    steps = now;
  }
  answers.sort((a, b) => a - b);
  const { x: left, y: top, width, height } = await playground.box('timeline.tracks');
  await playground.page.evaluate(() => {
    /** @type {any} */ (window).tasks = [];
    new PerformanceObserver((list) => /** @type {any} */ (window).tasks.push(...list.getEntries().map((entry) => entry.duration)))
      .observe({ type: 'longtask' });
  });
  for (let i = 0; i < 120; ++i) {
    await playground.page.mouse.move(left + (width * i) / 120, top + height / 2);
    await playground.page.waitForTimeout(16);
  }
  const tasks = await playground.page.evaluate(() => /** @type {any} */ (window).tasks);
  console.log(`probe to picture: median ${answers[answers.length >> 1]} ms, slowest ${answers[answers.length - 1]} ms of ` +
    `${answers.length}; 2 s of scrubbing: ${tasks.length} tasks over 50 ms, longest ${Math.round(Math.max(0, ...tasks))} ms`);
  assert.ok(answers.length > 4);
  playground.finish();
});
