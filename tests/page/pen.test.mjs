// The pen on the screen: what is drawn on the pad is read by every lane while it is drawn, and learned letters are recognised; the last
// stroke is taken back, all of it is, and it survives a reload.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const pen = {
  unroll: 1,
  data: { task: { name: 'pen', distortion: 0.5 } },
  train: { batch: 16, rate: 0.01 },
  lanes: [{ cell: 'rnn', hidden: 32, rate: 0.004 }, { cell: 'lstm', hidden: 32 }],
};

/** Strokes in shares of the pad's height, from its upper left corner. */
const letters = {
  z: [[[0.2, 0.2], [0.7, 0.2], [0.2, 0.8], [0.7, 0.8]]],
  x: [[[0.2, 0.2], [0.7, 0.8]], [[0.7, 0.2], [0.2, 0.8]]],
  v: [[[0.2, 0.2], [0.45, 0.8], [0.7, 0.2]]],  // no bare stroke: an l is how half of all letters begin
};

/**
 * Draws on the pad as a hand does, in many small steps.
 * @param {Playground} playground @param {number[][][]} strokes
 */
async function draw(playground, strokes) {
  const { x, y, height } = await playground.box('pad');
  const at = (/** @type {number[]} */ [right, down]) => /** @type {[number, number]} */ ([x + right * height, y + down * height]);
  const { mouse } = playground.page;
  for (const stroke of strokes) {
    await mouse.move(...at(stroke[0]));
    await playground.drawn();
    await mouse.down();
    await playground.drawn();
    for (let n = 1; n < stroke.length; ++n)
      for (let step = 1; step <= 8; ++step) {
        const [from, to] = [stroke[n - 1], stroke[n]];
        await mouse.move(...at([from[0] + (to[0] - from[0]) * step / 8, from[1] + (to[1] - from[1]) * step / 8]));
        await playground.drawn();
      }
    await mouse.up();
    await playground.drawn();
  }
}

const strokesOf = (/** @type {string} */ text) => (text ? text.split(' ; ').length : 0);

/** Every lane has read what stands on the pad. @param {any} state */
const read = (state) => state.answer?.own?.text && state.answer.own.lanes.every((/** @type {any} */ lane) => lane?.read === state.answer.own.text);

test('from the built-in start to a verdict: what is drawn is read while it is drawn, and after a while of training it is what it should be', async () => {
  const playground = await Playground.open(site, { experiment: { unroll: 1, lanes: [{ cell: 'rnn', hidden: 8 }] } });
  await playground.chooseTask('pen');
  const { lanes } = await playground.until('the task', (state) => everyLane(state, (lane) => lane.configured && lane.task === 'pen'));
  assert.equal(lanes.length, 2);
  await playground.press('train');
  await playground.until('the LSTM knows most letters', (state) => state.lanes[1].score?.value > 0.9, 300000);
  await playground.press('train');
  await playground.untilRunning(false);
  for (const [letter, strokes] of Object.entries(letters)) {
    await draw(playground, strokes);
    const { answer } = await playground.until(`${letter} is read`, (state) => read(state) && strokesOf(state.answer.own.text) === strokes.length);
    const lstm = answer.own.lanes[1];
    assert.match(lstm.verdict, new RegExp(`^${letter}, \\d+%$`));
    assert.ok(lstm.way.endsWith(letter));
    assert.ok(lstm.certain.length >= 8);
    for (const share of lstm.certain) assert.ok(share > 1 / 26 - 1e-3 && share <= 1);
    await playground.click('pad.clear');
    await playground.until('an empty pad', (state) => state.answer.own.text === '');
  }
  playground.finish();
});

test('on the way each new point is read; Undo takes the last stroke, Clear all, an example can be put there; a reload keeps what is drawn', async () => {
  const playground = await Playground.open(site, { experiment: pen, fresh: true });
  const { x, y, height } = await playground.box('pad');
  const { mouse } = playground.page;
  await mouse.move(x + 0.3 * height, y + 0.2 * height);
  await playground.drawn();
  await mouse.down();
  await playground.drawn();
  await mouse.move(x + 0.3 * height, y + 0.5 * height);
  const half = (await playground.until('half of the stroke', (state) => read(state))).answer.own.text;
  await mouse.move(x + 0.3 * height, y + 0.8 * height);
  await playground.until('more of it', (state) => read(state) && state.answer.own.text.length > half.length);
  await mouse.up();
  await playground.drawn();
  await draw(playground, [letters.x[1]]);
  const two = await playground.until('two strokes', (state) => read(state) && strokesOf(state.answer.own.text) === 2);
  assert.equal(two.experiment.view.prefix, two.answer.own.text);
  await playground.click('pad.undo');
  const one = (await playground.until('one stroke', (state) => read(state) && strokesOf(state.answer.own.text) === 1)).answer.own.text;
  assert.ok(two.answer.own.text.startsWith(one));
  await playground.page.waitForFunction(() => location.hash.length > 1);
  await playground.drawn(3);
  await playground.page.waitForTimeout(700);  // the address is written a little later
  await playground.page.reload();
  await playground.until('the same drawing', (state) => read(state) && state.answer.own.text === one);
  await playground.click('pad.clear');
  await playground.until('nothing', (state) => state.answer.own.text === '' && state.answer.own.lanes.every((/** @type {any} */ lane) => lane === null));
  await playground.click('pad.example');
  const example = await playground.until('the example', read);
  assert.ok(example.answer.own.lanes[0].certain.length >= 8);
  assert.deepEqual(await playground.colours() > 20, true);
  playground.finish();
});

test('the keyboard comes to the pad, and a screen reader is told what the lanes see there', async () => {
  const playground = await Playground.open(site, { experiment: pen });
  await playground.until('an example', (state) => state.timeline?.example);
  await playground.drawn(2);
  await playground.click('pad.example');
  await playground.until('it is read', read);
  await playground.page.keyboard.press('Shift+Tab');
  for (let n = 0; n < 4; ++n) {
    const said = await playground.page.locator('#status').textContent();
    if (/^Pad to draw on/.test(said ?? '')) break;
    await playground.page.keyboard.press('Shift+Tab');
    await playground.drawn(2);
  }
  await playground.says(/Pad to draw on.*RNN.*: [a-z], \d+%; LSTM.*: [a-z], \d+%/);
  playground.finish();
});

test('on a phone a finger draws, and nothing scrolls meanwhile', async () => {
  const playground = await Playground.open(site, {
    experiment: { ...pen, view: { tab: 'predict' } },
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  });
  const { x, y, height } = await playground.box('pad');
  const client = await playground.page.context().newCDPSession(playground.page);
  const touch = (/** @type {'touchStart'|'touchMove'|'touchEnd'} */ type, /** @type {number} */ share) =>
    client.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x: x + 0.4 * height, y: y + share * height }] });
  await touch('touchStart', 0.1);
  await playground.drawn();
  for (let step = 1; step <= 10; ++step) {
    await touch('touchMove', 0.1 + 0.08 * step);
    await playground.drawn();
  }
  await touch('touchEnd', 0.9);
  const pointsOf = (/** @type {any} */ state) => state.answer.own.text.split(' ').map(Number);
  const state = await playground.until('a stroke down almost the whole pad', (state) => read(state) && (pointsOf(state).at(-1) ?? 0) - pointsOf(state)[1] > 280);
  assert.ok(pointsOf(state).length >= 16, state.answer.own.text);
  assert.deepEqual(await playground.box('pad'), { ...(await playground.box('pad')), x, y, height });
  playground.finish();
});

test("a sign of one's own: five drawings and a name become a class of the same network, which then knows the sixth", async () => {
  const playground = await Playground.open(site, {
    experiment: { ...pen, lanes: [{ cell: 'lstm', hidden: 32 }], data: { task: { name: 'pen', classes: 'digits', distortion: 0.5 } } },
  });
  const arrow = (/** @type {number} */ n) => [
    [[0.2, 0.5 + 0.02 * n], [0.8, 0.5]],
    [[0.6 - 0.01 * n, 0.3], [0.8, 0.5], [0.6, 0.7 + 0.01 * n]],
  ];
  await playground.page.locator('[id="pad.name"]').fill('arrow');
  for (let n = 0; n < 5; ++n) {
    await draw(playground, arrow(n));
    await playground.until('two strokes', (state) => strokesOf(state.answer.own.text) === 2 && state.answer.own.known === n);
    await playground.click('pad.teach');
    await playground.until('it is taken', (state) => state.answer.own.text === '' && state.answer.own.known === n + 1);
  }
  const { experiment } = await playground.until('a class more', (state) => !state.changed && state.lanes[0].configured && state.lanes[0].vocabulary === '0123456789arrow ');
  assert.equal(experiment.data.text.trim().split('\n').length, 5);
  await playground.press('train');
  await playground.until('it knows most digits', (state) => state.lanes[0].score?.value > 0.9, 300000);
  await playground.press('train');
  await playground.untilRunning(false);
  await draw(playground, arrow(2.5));
  const { answer } = await playground.until('the sixth is read', (state) => read(state) && strokesOf(state.answer.own.text) === 2);
  assert.match(answer.own.lanes[0].verdict, /^arrow, \d+%$/);
  await playground.click('drawings.arrow');
  const without = await playground.until('they are forgotten', (state) => state.experiment.data.text === '' || state.experiment.data.text === undefined);
  assert.equal(without.answer.own.known, 0);
  playground.finish();
});
