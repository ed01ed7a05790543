// A pen that writes: a letter is typed, every lane draws it by strokes, anew as it learns; from scribble to letter.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

/** Digits of one style: few enough to be learned while a test waits. */
const writing = {
  unroll: 1,
  data: { task: { name: 'writing', classes: 'digits', style: 'print', distortion: 0.25, components: 4 } },
  train: { batch: 16, rate: 0.01 },
  lanes: [{ cell: 'rnn', hidden: 32, rate: 0.004 }, { cell: 'lstm', hidden: 32 }],
};

/** Every lane wrote these letters. @param {string} text */
const wrote = (text) => (/** @type {any} */ state) =>
  state.handwriting?.lanes.length > 0 && everyLane(state.handwriting, (lane) => lane?.text === text);

test('a word is typed, and every lane writes it by strokes; what it wrote before stays above, and the last one is no scribble', async () => {
  const playground = await Playground.open(site, { experiment: writing });
  const begun = await playground.until('the digits of the word to begin with', wrote('2013'));
  assert.equal(begun.handwriting.lanes.length, 2);
  await playground.page.locator('[id="writing.word"]').fill('7 é1');
  const first = await playground.until('what was typed', wrote('71'));
  assert.equal(first.experiment.view.prefix, '7 é1');
  for (const lane of first.handwriting.lanes) {
    assert.equal(lane.letters.length, 2);
    for (const letter of lane.letters) assert.ok(letter.points > 0 && letter.strokes > 0 && letter.points <= 80);
  }
  await playground.press('train');
  const later = await playground.until('the LSTM writes digits that can be read', (state) =>
    wrote('71')(state) && state.lanes[1].score?.value > 0.7 && everyLane(state.handwriting, (lane) => lane.lines.length > 2), 300000);
  await playground.press('train');
  await playground.untilRunning(false);
  const { handwriting } = await playground.until('the last step', (state) =>
    wrote('71')(state) && state.handwriting.lanes.every((/** @type {any} */ lane, /** @type {number} */ i) => lane.step === state.lanes[i].step));
  for (const [i, lane] of handwriting.lanes.entries()) {
    assert.ok(lane.step > first.handwriting.lanes[i].step);
    assert.notDeepEqual(lane.points, first.handwriting.lanes[i].points);
    assert.deepEqual(lane.lines, [...lane.lines].sort((a, b) => a - b));
  }
  assert.ok(later.handwriting.lanes[1].lines[0] < later.handwriting.lanes[1].step);
  assert.ok(handwriting.lanes[1].letters.every((/** @type {any} */ letter) => letter.ended));
  playground.finish();
});

test('the menu offers it: an RNN and an LSTM that write the word of its start', async () => {
  const playground = await Playground.open(site, { experiment: { ...writing, data: { task: { name: 'parity' } } } });
  await playground.chooseTask('writing');
  const { lanes, handwriting } = await playground.until('both write', wrote('unroll'));
  assert.deepEqual(lanes.map((/** @type {any} */ lane) => lane.task), ['writing', 'writing']);
  assert.equal(handwriting.lanes.length, 2);
  assert.equal(handwriting.neatness, 1, 'as the letters are written that are judged');
  playground.finish();
});

test('neatness, another hand and the clouds: each changes what is seen, and only the last not what is written', async () => {
  const word = '01234567890123456789';
  const playground = await Playground.open(site, { experiment: { ...writing, view: { prefix: word, neatness: 0 } } });
  const pointsOf = (/** @type {any} */ state) => JSON.stringify(state.handwriting.lanes.map((/** @type {any} */ lane) => lane.points));
  const wild = await playground.until('digits', wrote(word));
  assert.equal(wild.handwriting.lanes[0].bias, 0);
  await playground.click('writing.again');
  const again = await playground.until('others', (state) => wrote(word)(state) && state.handwriting.seed === 2 && pointsOf(state) !== pointsOf(wild));
  await playground.page.locator('[id="neatness.value"]').fill('3');
  await playground.page.keyboard.press('Enter');
  const neat = await playground.until('neater ones', (state) => wrote(word)(state) && everyLane(state.handwriting, (lane) => lane.bias === 3));
  assert.equal(neat.experiment.view.neatness, 3);
  assert.notEqual(pointsOf(neat), pointsOf(again));
  /** How far a point lies from the one before, in the mean of all. */
  const way = (/** @type {any} */ { handwriting: { lanes: [{ letters, points }] } }) => {
    const count = letters.reduce((/** @type {number} */ sum, /** @type {any} */ letter) => sum + letter.points, 0);
    return points.slice(0, 4 * count).reduce((/** @type {number} */ sum, /** @type {number} */ value, /** @type {number} */ i) => sum + (i % 4 < 2 ? Math.abs(value) : 0), 0) / count;
  };
  assert.ok(way(neat) < way(again), 'nothing is learned yet: what it holds likeliest is next to where it is');
  await playground.click('writing.clouds');
  const clouds = await playground.until('clouds', (state) => state.handwriting.clouds);
  assert.equal(pointsOf(clouds), pointsOf(neat));
  assert.ok(await playground.colours() > 20);
  playground.finish();
});

test('the held-out drawing is shown with what each lane expected; on a phone the word is typed and written, too', async () => {
  const playground = await Playground.open(site, {
    experiment: { ...writing, view: { tab: 'learn' } },
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  });
  await playground.page.locator('[id="writing.word"]').fill('42');
  await playground.until('both lanes write', wrote('42'));
  await playground.box('writing.lane0');
  const wide = await Playground.open(site, { experiment: writing });
  const { answer } = await wide.until('both lanes say how well they foretold it', (state) =>
    state.answer?.foretold?.lanes.length === 2 && state.answer.foretold.lanes.every((/** @type {any} */ loss) => Number.isFinite(loss)));
  await wide.box('foretold.lane1');
  // The timeline's losses are those that the head has, in nats a point, and no squared errors.
  const { answer: foretold, timeline } = await wide.until('the timeline has them, too', (state) =>
    state.timeline.example?.number === state.answer?.foretold?.example && everyLane(state.timeline, (lane) => lane.pictures?.surprise));
  for (const [i, { pictures }] of timeline.lanes.entries()) {
    const { values } = pictures.surprise;
    const mean = values.reduce((/** @type {number} */ sum, /** @type {number} */ value) => sum + value, 0) / values.length;
    assert.ok(Math.abs(mean - foretold.foretold.lanes[i]) < 0.01, `${mean} nats a point, and under Answer ${foretold.foretold.lanes[i]}`);
  }
  await wide.click('answer.next');
  await wide.until('the next one', (state) => state.answer.foretold.example === answer.foretold.example + 1 &&
    state.answer.foretold.lanes.every((/** @type {any} */ loss, /** @type {number} */ i) => loss !== null && loss !== answer.foretold.lanes[i]));
  wide.finish();
  playground.finish();
});
