// What is opened, refused, left and had back; edits that wait; and that nothing of it moves what a pointer may be on.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { hashOf } from '../../web/page/hash.mjs';
import { Playground, everyLane } from './playground.mjs';
import { checkpoint, readCsv, save, withHeader } from './saved.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const experiment = {
  unroll: 1,
  data: { text: 'Sphinx of black quartz, judge my vow. '.repeat(40), valid: 0.1 },
  train: { batch: 4, seq_length: 16, rate: 0.01, steps: 60, seed: 3 },
  lanes: [{ cell: 'rnn', hidden: 12 }, { cell: 'gru', hidden: 8 }],
};

const tall = { viewport: { width: 1280, height: 1200 } };  // a lane's settings are seen whole

/** @param {object} [options] */
async function trained(options = tall) {
  const playground = await Playground.open(site, { experiment, options });
  await playground.press('train');
  const state = await playground.until('60 steps', (state) => !state.running && everyLane(state, (lane) => lane.step === 60 && lane.valid.at(-1)?.[0] === 60));
  return { playground, state };
}

/** What must not change when something is refused. @param {any} state */
const lanesOf = (state) => state.lanes.map((/** @type {any} */ { name, step, smooth, running, configured }) =>
  ({ name, step, smooth, running, configured }));

test('what is refused touches nothing, and is told with the name of the file', async () => {
  const { playground, state } = await trained(tall);
  const before = lanesOf(state);
  const good = await checkpoint(playground, 0);
  const refused = async (/** @type {RegExp} */ where, /** @type {() => Promise<unknown>} */ open) => {
    await open();
    const now = await playground.until(`${where} is refused`, (state) =>
      state.problems.some((/** @type {any} */ problem) => where.test(problem.where)));
    assert.deepEqual(lanesOf(now), before);
    assert.equal(now.problems.length, 1, 'messages about files do not pile up');
    assert.doesNotMatch(JSON.stringify(now.problems), /configure/);
  };
  await refused(/^cut\.safetensors/, () => playground.drop('cut.safetensors', good.subarray(0, good.length - 50)));
  await refused(/^foreign\.SAFETENSORS/, () => playground.drop('foreign.SAFETENSORS', 'no such file at all'));
  await refused(/^unknown\.json, data\.example/, () => playground.drop('unknown.json', '{"unroll":1,"data":{"example":"nowhere"}}'));
  await refused(/^short\.json, data\.text/, () => playground.drop('short.json', '{"unroll":1,"data":{"text":"a"}}'));
  await refused(/^huge\.json, Lane 2, LSTM 2×2048/, () => playground.drop('huge.json', JSON.stringify({
    ...experiment, lanes: [{ cell: 'rnn', hidden: 8 }, { cell: 'lstm', hidden: 2048, layers: 2, embedding: 1024 }] })));
  await refused(/^one\.txt/, () => playground.drop('one.txt', 'a'));
  // A link, too; and the address is that of what is shown again.
  const hash = await playground.page.evaluate(() => location.hash);
  await refused(/^data\.example/, () => playground.page.evaluate(() => {
    location.hash = '#{"unroll":1,"data":{"example":"nowhere"}}';
  }));
  await playground.page.waitForFunction((hash) => location.hash === hash, hash);
  playground.finish();
});

test('a link is followed, though the page writes its own address in the same moment', async () => {
  const playground = await Playground.open(site, { experiment });
  const link = await hashOf(JSON.stringify({ ...experiment, lanes: [{ cell: 'gru', hidden: 7 }] }));
  await playground.page.evaluate((link) => {
    const own = location.href;
    location.hash = link;
    history.replaceState(null, '', own);
  }, link);
  await playground.until('the link\'s lane', (state) => state.lanes.length === 1 && state.lanes[0].name === 'GRU 7');
  playground.finish();
});

test('a checkpoint comes as a lane beside the others, and asks where its text is another one', async () => {
  const { playground, state } = await trained(tall);
  const before = lanesOf(state);
  const mine = await checkpoint(playground, 1);
  await playground.drop('mine.SafeTensors', mine);
  const three = await playground.until('it is a lane', (state) => state.lanes.length === 3 && state.lanes[2].configured);
  assert.equal(three.arrival, null, 'nothing is asked where the text is the same');
  assert.deepEqual(lanesOf(three).slice(0, 2), before);
  assert.equal(three.lanes[2].name, 'GRU 8 (2)');
  assert.equal(three.lanes[2].step, 60);
  assert.equal(three.lanes[2].own, null);

  const other = await Playground.open(site, { experiment: { ...experiment, data: { text: 'abcde fgh '.repeat(90) },
    lanes: [{ cell: 'lstm', hidden: 9, name: 'letters' }] }, options: tall });
  await other.press('train');
  await other.until('60 steps', (state) => !state.running && state.step === 60);
  const theirs = await checkpoint(other, 0);
  other.finish();

  await playground.drop('letters.safetensors', theirs);
  await playground.until('it is asked', (state) => state.arrival === 'letters.safetensors');
  await playground.click('arrival.keep');
  const four = await playground.until('it is beside the others', (state) => state.lanes.length === 4);
  assert.deepEqual(lanesOf(four).slice(0, 2), before);
  assert.equal(four.lanes[3].name, 'letters');
  assert.equal(four.lanes[3].own, 'letters.safetensors');
  assert.equal(four.changed, false);
  await playground.until('it predicts', (state) => state.lanes[3].prediction.step === 60);

  await playground.drop('letters.safetensors', theirs);
  await playground.until('it is asked again', (state) => state.arrival === 'letters.safetensors');
  await playground.click('arrival.use');
  const all = await playground.until('all go over to its text', (state) =>
    state.text.characters === 900 && state.lanes.length === 5 && everyLane(state, (lane) => lane.configured));
  assert.deepEqual(all.lanes.map((/** @type {any} */ lane) => lane.step), [0, 0, 0, 0, 60]);
  assert.match(all.left, /RNN 12/);
  await playground.press('come-back');
  const back = await playground.until('the others are back', (state) => state.lanes.length === 4);
  assert.deepEqual(lanesOf(back).slice(0, 2), before);
  playground.finish();
});

test('a checkpoint that only names a built-in text, as the command line saves it, is opened with that text', async () => {
  const named = { ...experiment, data: { example: 'verse', valid: 0.1 }, train: { ...experiment.train, steps: 10 } };
  const playground = await Playground.open(site, { experiment: named, options: tall });
  await playground.press('train');
  await playground.until('10 steps', (state) => !state.running && everyLane(state, (lane) => lane.step === 10));
  const naming = (/** @type {Buffer} */ file, /** @type {string} */ example) => withHeader(file, ({ __metadata__: metadata }) => {
    metadata.experiment = JSON.stringify({ ...JSON.parse(metadata.experiment), data: { example, valid: 0.1 } });
  });
  const file = await checkpoint(playground, 1);
  await playground.drop('unknown.safetensors', naming(file, 'nowhere'));
  await playground.until('it is refused', ({ problems }) =>
    problems.some((/** @type {any} */ { where, what }) => where === 'unknown.safetensors' && /"nowhere" is not a built-in text/.test(what)));
  await playground.drop('named.safetensors', naming(file, 'verse'));
  const three = await playground.until('it is a lane', ({ lanes }) => lanes.length === 3 && lanes[2].configured);
  assert.deepEqual([three.lanes[2].step, three.lanes[2].own, three.problems], [10, null, []]);

  await playground.page.locator('#text').fill(experiment.data.text);
  await playground.until('the change waits', (state) => state.changed);
  await playground.click('restart');
  await playground.until('another text', (state) => state.text.characters === experiment.data.text.length && !state.changed);
  await playground.drop('named.safetensors', naming(file, 'verse'));
  await playground.until('it is asked', (state) => state.arrival === 'named.safetensors');
  await playground.click('arrival.use');
  const all = await playground.until('all go over to its text', (state) => state.lanes.length === 4 && everyLane(state, (lane) => lane.configured));
  assert.equal(all.experiment.data.example, 'verse');
  assert.deepEqual(all.lanes.map((/** @type {any} */ lane) => lane.step), [0, 0, 0, 10]);
  await playground.press('train');
  await playground.until('it has trained on', (state) => !state.running && state.lanes[0].step === 10);
  playground.finish();
});

test('a folder that is dropped is refused for everybody to see, and is not looked through without an end', async () => {
  const { playground, state } = await trained();
  const folder = mkdtempSync(path.join(tmpdir(), 'unroll-folder-')), deep = path.join(folder, 'a', 'b', 'c');
  mkdirSync(deep, { recursive: true });
  writeFileSync(path.join(deep, 'deep.wav'), 'no recording is looked for so far down');
  const touch = await playground.page.context().newCDPSession(playground.page);
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of /** @type {const} */ (['dragEnter', 'dragOver', 'drop']))
    await touch.send('Input.dispatchDragEvent', { type, x: 640, y: 300, data });
  await playground.says(/could not be read\. Is it a folder, or very large\?/, 'notice');
  rmSync(folder, { recursive: true });
  assert.deepEqual(lanesOf(await playground.state()), lanesOf(state));
  playground.finish();
});

test('what was left can be had back as it was: after an example, a link and a file', async () => {
  const { playground, state } = await trained();
  const before = state.lanes.map((/** @type {any} */ { name, step, smooth, valid }) => ({ name, step, smooth, valid }));
  const leave = [
    () => playground.drop('other.json', JSON.stringify({ unroll: 1, data: { example: 'verse' }, lanes: [{ hidden: 8 }] })),
    async () => {
      const hash = await hashOf(JSON.stringify({ unroll: 1, data: { text: 'ab '.repeat(200) }, lanes: [{ hidden: 8 }] }));
      await playground.page.evaluate((hash) => { location.hash = hash; }, hash);
    },
    async () => {
      await playground.drop('own.txt', 'one two three four\n'.repeat(60));
      await playground.until('the change waits', (state) => state.changed);
      await playground.click('restart');
    },
  ];
  for (const go of leave) {
    await go();
    await playground.until('it was left', (state) => /RNN 12 and GRU 8 at step 60/.test(state.left) &&
      everyLane(state, (lane) => lane.step === 0 && lane.configured));
    await playground.press('come-back');
    const back = await playground.until('it is back', (state) => state.step === 60);
    assert.deepEqual(back.lanes.map((/** @type {any} */ { name, step, smooth, valid }) => ({ name, step, smooth, valid })), before);
    assert.equal(back.experiment.data.text, experiment.data.text);
    assert.equal(back.changed, false);
  }
  await playground.until('they answer', (state) => everyLane(state, (lane) => lane.prediction.step === 60));
  playground.finish();
});

for (const [name, viewport, tab] of /** @type {const} */ ([
  ['1280 × 720', { width: 1280, height: 720 }, ''],
  ['640 × 480', { width: 640, height: 480 }, 'lanes'],
  ['a phone', { width: 390, height: 844 }, 'lanes'],
]))
  test(`an edit that waits moves nothing, and names stay those of what runs: ${name}`, async () => {
    const { playground } = await trained({ viewport });
    await playground.page.locator('#canvas').focus();  // the buttons for keyboards leave the tabs
    if (tab) await playground.click(`tab.${tab}`);
    await playground.click('lane0.fold');
    const place = await playground.box('lane0.hidden.plus');
    for (const hidden of [16, 24]) {
      await playground.page.mouse.click(place.x + place.width / 2, place.y + place.height / 2, { delay: 60 });
      await playground.until(`${hidden} units`, (state) => state.experiment.lanes[0].hidden === hidden);
      assert.deepEqual(await playground.box('lane0.hidden.plus'), place);
    }
    const state = await playground.until('it waits', (state) => state.changed);
    assert.deepEqual(state.lanes.map((/** @type {any} */ lane) => lane.name), ['RNN 12', 'GRU 8']);
    if (!tab) {
      const { columns } = readCsv((await save(playground, 'curves', 'csv')).bytes);
      assert.equal(columns[1], 'RNN 12 train (nats)');
    }
    await playground.click('undo-changes');
    await playground.until('it is undone', (state) => !state.changed && state.experiment.lanes[0].hidden === 12);
    assert.deepEqual(await playground.box('lane0.hidden.plus'), place);
    playground.finish();
  });

test('at the last step Train and Step are off, and say why; a beginning that was emptied stays empty', async () => {
  const { playground, state } = await trained();
  const actions = Object.fromEntries(state.actions.map((/** @type {any} */ action) => [action.id, action]));
  assert.equal(actions.train.enabled, false);
  assert.equal(actions.step.enabled, false);
  assert.match(actions.train.label, /stops after step 60/);
  const { page } = playground;
  assert.equal(state.prefix, 'Sphinx of ');
  await page.locator('#text').fill('zebras quickly vex my jumbo fowl. '.repeat(30));
  await playground.until('the change waits', (state) => state.changed && state.actions[0].enabled);
  await playground.click('restart');
  const own = await playground.until('the beginning is of the own text', (state) =>
    state.prefix === 'zebras ' && everyLane(state, (lane) => lane.configured && lane.prediction.prefix === 'zebras '));
  assert.ok(everyLane(own, (lane) => lane.prediction.unknown === ''));
  await page.locator('#prefix').fill('');
  await playground.click('continue');
  await playground.until('they write on', (state) => everyLane(state, (lane) => lane.continuation.text.length > 0));
  assert.equal((await playground.state()).prefix, '');
  playground.finish();
});

test('however fast and however long tiny models train, what is published stays small', async () => {
  const tiny = { ...experiment, data: { text: 'ab abc abcd '.repeat(8), valid: 0.1 }, train: { batch: 1, seq_length: 4 },
    lanes: [{ cell: 'rnn', hidden: 4 }, { cell: 'gru', hidden: 2 }] };
  const playground = await Playground.open(site, { experiment: tiny });
  await playground.press('train');
  const state = await playground.until('50,000 steps', (state) => everyLane(state, (lane) => lane.step > 50000));
  assert.ok(JSON.stringify(state).length < 60000, `${JSON.stringify(state).length} characters`);
  for (const { history, valid } of state.lanes) {
    assert.ok(history.steps.length <= 256 && valid.length <= 128, `${history.steps.length} losses, ${valid.length} validations`);
    assert.ok(history.steps.at(-1) > 40000 && history.steps[0] < 1000, 'over the whole training');
  }
  playground.finish();
});

test('held-out losses that rise while training goes on: the best is kept, and that the text is memorised is known', async () => {
  let state = 9;
  const noise = () => 'abcdefgh'[(state = (state * 48271) % 0x7fffffff) >> 8 & 7];
  const own = { ...experiment, data: { text: Array.from({ length: 1200 }, noise).join(''), valid: 0.2 },
    train: { batch: 4, seq_length: 32, rate: 0.01 }, lanes: [{ cell: 'lstm', hidden: 64 }] };
  const playground = await Playground.open(site, { experiment: own });
  await playground.press('train');
  const { lanes: [lane] } = await playground.until('it memorises', ({ lanes }) => lanes[0].memorises);
  const [step, loss] = lane.best;
  assert.ok(step < lane.step);
  assert.ok(lane.valid.every((/** @type {number[]} */ [, one]) => one >= loss));
  assert.ok(lane.valid.at(-1)[1] > loss);
  playground.finish();
});

test('a rate that is too high is said, and the way back is half of it from the last good step', async () => {
  // Letters without order, which no lane learns by chance at such a rate.
  const text = Array.from({ length: 3000 }, (_, i) => 'abcdefghijklmnop'[(Math.imul(i + 1, 0x9e3779b1) >>> 13) % 16]).join('');
  const own = { ...experiment, data: { text, valid: 0.1 }, train: { ...experiment.train, steps: 0 } };
  const playground = await Playground.open(site, { experiment: own });
  await playground.press('train');
  await playground.until('some steps', (state) => everyLane(state, (lane) => lane.step > 40));
  await playground.press('train');
  await playground.untilRunning(false);
  const fast = { ...own, train: { ...own.train, rate: 10 } };
  await playground.page.evaluate((hash) => { location.hash = hash; }, await hashOf(JSON.stringify(fast)));
  await playground.until('the rate is there', (state) => state.experiment.train.rate === 10 && everyLane(state, (lane) => lane.configured));
  // Which lanes are lost is looked at when they are at rest: at such a rate one may come back by the next step.
  let lanes = (await playground.state()).lanes;
  while (!lanes.some((/** @type {any} */ lane) => lane.lost)) {
    await playground.press('train');
    await playground.until('one lost all sense', (state) => state.lanes.some((/** @type {any} */ lane) => lane.lost));
    await playground.press('train');
    ({ lanes } = await playground.untilRunning(false));
  }
  const rates = lanes.map((/** @type {any} */ lane) => (lane.lost ? 5 : 10));
  await playground.click('curves.rescue');
  await playground.until('half the rate for those', (state) =>
    state.lanes.every((/** @type {any} */ lane, /** @type {number} */ i) => lane.rate === rates[i]));
  playground.finish();
});
