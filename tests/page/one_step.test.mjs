// The view "One step": every lane walks one real training step, and the view plays it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { readCsv, readPng, save } from './saved.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const T = 24;
const experiment = {
  unroll: 1,
  data: { text: 'the quick brown fox, "the lazy dog".\n'.repeat(60), valid: 0.1 },
  train: { batch: 1, seq_length: T, rate: 0.01, clip: 0.05, seed: 5 },
  lanes: [{ cell: 'rnn', hidden: 16 }, { cell: 'lstm', hidden: 12, layers: 2 }],
  view: { tab: 'step' },
};

/** @param {number} a @param {number} b @param {number} relative */
const near = (a, b, relative) => assert.ok(Math.abs(a - b) <= relative * Math.max(Math.abs(a), Math.abs(b)), `${a} and ${b}`);
/** @param {number[]} list */
const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
/** @param {number[]} list */
const norm = (list) => Math.sqrt(list.reduce((sum, x) => sum + x * x, 0));

/** @param {Playground} playground @param {number} step the one that is walked */
async function walk(playground, step) {
  await playground.click('one_step.walk');
  const state = await playground.until(`step ${step} was walked`, ({ one_step }) => !one_step.wanted && !one_step.under_way &&
    one_step.lanes.every((/** @type {any} */ lane) => lane.step === step));
  return state.one_step;
}

/** @param {Playground} playground @param {number} share of the bar's width */
async function scrub(playground, share) {
  const { x, y, width, height } = await playground.box('one_step.scrub');
  await playground.page.mouse.move(x + width / 2, y + height / 2);
  await playground.page.mouse.down();
  await playground.page.mouse.move(x + width * share, y + height / 2, { steps: 3 });
  await playground.drawn();
  await playground.page.mouse.up();
  await playground.still((state) => state.one_step.moment);
}

test('what is shown is one real step: losses, norms and updates belong together', async () => {
  const playground = await Playground.open(site, { experiment });
  const { lanes, moments } = await walk(playground, 1);
  const state = await playground.state();
  const text = experiment.data.text;
  for (const [index, lane] of lanes.entries()) {
    assert.equal(lane.text, text.slice(0, T));
    assert.equal(lane.targets, text.slice(1, T + 1));
    assert.equal(lane.losses.length, T);
    assert.equal(lane.gradient.length, T);
    assert.equal(lane.hidden.length, T * lane.layers);
    near(mean(lane.losses), lane.loss, 1e-5);  // the batch has one stream
    near(lane.mean_loss, lane.loss, 1e-5);
    near(lane.loss, state.lanes[index].loss, 1e-6);
    near(norm(lane.blocks.map((/** @type {any} */ block) => block.gradient)), lane.grad_norm, 1e-4);
    near(lane.clip_factor, 0.05 / lane.grad_norm, 1e-4);
    for (const block of lane.blocks) near(block.ratio, block.update / block.weights, 1e-4);
    assert.equal(state.lanes[index].parameters, lane.blocks.reduce((/** @type {number} */ sum, /** @type {any} */ block) => sum + block.size, 0));
    for (const value of [...lane.losses, ...lane.hidden, ...lane.gradient]) assert.ok(value > 0);
  }
  assert.equal(moments, 2 * T + 1 + Math.max(...lanes.map((/** @type {any} */ lane) => lane.blocks.length)));
  playground.finish();
});

test('walking trains as stepping does', async () => {
  const playground = await Playground.open(site, { experiment });
  for (let step = 1; step <= 3; ++step) await walk(playground, step);
  const walked = (await playground.state()).lanes.map((/** @type {any} */ lane) => lane.history.losses);
  await playground.press('reset');
  await playground.until('step 0', (state) => everyLane(state, (lane) => lane.configured && lane.step === 0));
  for (let step = 1; step <= 3; ++step) {
    await playground.press('step');
    await playground.until(`step ${step}`, (state) => everyLane(state, (lane) => lane.step === step && !lane.running));
  }
  const stepped = (await playground.state()).lanes.map((/** @type {any} */ lane) => lane.history.losses);
  assert.equal(walked[0].length, 3);
  assert.deepEqual(walked, stepped);
  playground.finish();
});

test('training pauses for it', async () => {
  const playground = await Playground.open(site, { experiment: { ...experiment, lanes: experiment.lanes.slice(1) } });
  await playground.click('train');
  await playground.until('it trains', (state) => everyLane(state, (lane) => lane.step > 20));
  await playground.click('one_step.walk');
  const state = await playground.until('a step was walked', ({ one_step }) =>
    !one_step.wanted && !one_step.under_way && one_step.lanes.every((/** @type {any} */ lane) => lane.losses));
  assert.equal(state.running, false);
  assert.equal(state.one_step.lanes[0].step, state.lanes[0].step);
  // A softmax in single precision rounds at the size of what goes in, about 20; a lane that had time to learn is at losses of 1e-6.
  near(1 + state.one_step.lanes[0].loss, 1 + state.lanes[0].loss, 1e-5);
  playground.finish();
});

test('it plays, stops, goes back and forward, and can be dragged', async () => {
  const playground = await Playground.open(site, { experiment });
  await walk(playground, 1);
  const begun = await playground.until('it plays by itself', (state) => state.one_step.playing && state.one_step.moment > 2);
  const phase = ['forward', 'loss', 'backward', 'update'][[T, T + 1, 2 * T + 1].filter((from) => begun.one_step.moment >= from).length];
  assert.equal(begun.one_step.phase, phase);
  await playground.click('one_step.play');
  const { moment } = (await playground.until('it stands', (state) => !state.one_step.playing)).one_step;
  await playground.page.waitForTimeout(400);
  assert.equal((await playground.state()).one_step.moment, moment);
  await playground.click('one_step.next');
  await playground.until('one on', (state) => state.one_step.moment === moment + 1);
  await playground.click('one_step.back');
  await playground.until('one back', (state) => state.one_step.moment === moment);

  // Every phase says what happens, with the numbers of that moment.
  await scrub(playground, 0.2);
  let now = (await playground.until('it is in the middle of the way forward', (state) => state.one_step.phase === 'forward' && state.one_step.moment > 4)).one_step;
  assert.equal(now.character, now.moment);
  for (const lane of now.lanes) {
    const loss = lane.losses[now.character];
    assert.match(lane.caption, /^reads .+, expected .+: it gave .+%, so the loss is .+ nats$/);
    near(Number(lane.caption.match(/loss is ([\d.e-]+) nats/)[1]), loss, 0.006);
    near(Number(lane.caption.match(/gave ([\d.e-]+)%/)[1]), 100 * Math.exp(-loss), 0.06);
  }
  await scrub(playground, 0.7);
  now = (await playground.until('it is on the way back', (state) => state.one_step.phase === 'backward')).one_step;
  assert.equal(now.character, 2 * T - now.moment);
  for (const lane of now.lanes) near(Number(lane.caption.match(/by h is ([\d.e-]+)/)[1]), lane.gradient[now.character], 0.006);
  await playground.click('one_step.next');
  assert.equal((await playground.until('back in time is forward in the play', (state) => state.one_step.moment === now.moment + 1)).one_step.character, now.character - 1);
  await scrub(playground, 0.999);
  now = (await playground.until('it is at the update', (state) => state.one_step.phase === 'update')).one_step;
  assert.equal(now.moment, now.moments - 1);
  for (const lane of now.lanes) assert.match(lane.caption, /^decoder\.bias: the gradient .+ clipped to .+ moves the weights by .+%/);
  // Played from the end, it begins anew; fast, it is through soon.
  await playground.click('one_step.speed.fast');
  await playground.click('one_step.play');
  await playground.until('it begins anew', (state) => state.one_step.playing && state.one_step.moment < now.moments - 1);
  await playground.until('it came to the end', (state) => !state.one_step.playing && state.one_step.moment === now.moments - 1);
  playground.finish();
});

test('the keyboard walks, and moves through the step', async () => {
  const playground = await Playground.open(site, { experiment });
  await walk(playground, 1);
  await playground.click('one_step.play');
  const { moment } = (await playground.until('it stands', (state) => !state.one_step.playing)).one_step;
  const { keyboard } = playground.page;
  await keyboard.press('ArrowRight');  // from the button that was pressed to the next one
  await keyboard.press('Space');
  await playground.until('one on', (state) => state.one_step.moment === moment + 1);
  await keyboard.press('ArrowLeft');
  await keyboard.press('ArrowLeft');
  await keyboard.press('Space');
  await playground.until('one back', (state) => state.one_step.moment === moment);
  assert.equal((await playground.state()).running, false);
  playground.finish();
});

test('where motion is not wanted, it waits for the learner', async () => {
  const playground = await Playground.open(site, { experiment, options: { reducedMotion: 'reduce' } });
  await walk(playground, 1);
  await playground.page.waitForTimeout(500);
  const { one_step } = await playground.state();
  assert.deepEqual([one_step.playing, one_step.moment], [false, 0]);
  await playground.click('one_step.next');
  await playground.until('one on', (state) => state.one_step.moment === 1);
  playground.finish();
});

test('it is saved: the numbers and the picture', async () => {
  const playground = await Playground.open(site, { experiment });
  const { lanes } = await walk(playground, 1);
  await playground.click('one_step.play');
  const { columns, rows } = readCsv((await save(playground, 'one_step', 'csv')).bytes);
  const at = (/** @type {string} */ name) => columns.indexOf(name);
  for (const [index, name] of ['RNN 16', 'LSTM 2×12'].entries()) {
    const mine = rows.filter((row) => row[at('lane')] === name);
    const characters = mine.filter((row) => row[at('record')] === 'character');
    assert.deepEqual(characters.map((row) => row[at('character')]).join(''), lanes[index].text);
    assert.deepEqual(characters.map((row) => Math.fround(Number(row[at('loss (nats)')]))), lanes[index].losses);
    assert.deepEqual(characters.map((row) => Math.fround(Number(row[at('norm of the gradient')]))), lanes[index].gradient);
    const blocks = mine.filter((row) => row[at('record')] === 'block');
    assert.deepEqual(blocks.map((row) => row[at('block')]), lanes[index].blocks.map((/** @type {any} */ block) => block.name));
    near(Number(mine.find((row) => row[at('record')] === 'step')?.[at('clip factor')]), lanes[index].clip_factor, 1e-6);
  }
  const picture = readPng((await save(playground, 'one_step', 'png')).bytes);
  assert.ok(picture.colours.size > 100);
  playground.finish();
});

test('a long sequence on a phone: it scrolls with the playhead, and everything stays within the screen', async () => {
  const playground = await Playground.open(site, {
    experiment: { ...experiment, train: { ...experiment.train, seq_length: 300 } },
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  });
  await playground.tap('one_step.walk');
  await playground.until('a step was walked', ({ one_step }) => one_step.lanes.every((/** @type {any} */ lane) => lane.losses?.length === 300));
  await playground.place('one_step.columns');
  const widgets = await playground.page.evaluate(() => window.unroll.widgets());
  for (const id of ['panel.one_step', 'one_step.scrub', 'one_step.speed.fast', 'one_step.columns'])
    assert.ok(widgets[id][0] >= 0 && widgets[id][0] + widgets[id][2] <= 390, `${id} is cut off`);
  playground.finish();
});
