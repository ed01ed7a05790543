// One's own cell: a visitor types equations, is told each mistake at its place, sees the cell drawn, trains it beside an lstm
// and an rnn; the link gives the same start and the same losses to whoever opens it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonOf } from '../../web/page/hash.mjs';
import { Playground, everyLane } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const steps = 20;
const experiment = {
  unroll: 1,
  data: { text: 'Sphinx of black quartz, judge my vow. '.repeat(60), valid: 0.1 },
  train: { batch: 4, seq_length: 32, rate: 0.01, steps, seed: 3 },
  lanes: [{ cell: 'lstm', hidden: 24 }, { cell: 'rnn', hidden: 16 }],
  view: { tab: 'cell', probe: 'Sphinx of black quartz' },
};
/** A coupled lstm with peepholes. @param {string} candidate @param {string} end of the output gate's line */
const equations = (candidate, end) => `cell mine  "Coupled, with peepholes"
state c, h
f = sigmoid(lin(x) + lin(h[t-1]) + diag(c[t-1]))  # forget gate: what stays
i = 1 - f
g = tanh(lin(x) + lin(h[t-1]))
c = f * c[t-1] + i * ${candidate}
o = sigmoid(lin(x) + lin(h[t-1]) + diag(c)${end}
h = o * tanh(c)
`;

/** @param {Playground} playground @param {string} what @param {(editor: any) => boolean} condition */
const editorUntil = async (playground, what, condition) =>
  (await playground.until(what, ({ cell }) => cell?.editor && condition(cell.editor))).cell.editor;

/** What each lane is, and its whole curve. @param {any} state */
const curves = (state) => state.lanes.map((/** @type {any} */ lane) => [lane.name, lane.parameters, lane.history]);

test('a cell that is typed, with its mistakes told, is drawn, trained beside others, and travels in the link', async () => {
  const playground = await Playground.open(site, { experiment });
  await playground.click('cell.depth.Formula');
  await editorUntil(playground, 'the lstm as it ships', (editor) => editor.state === 'lstm, as shipped');
  const field = playground.page.locator('[id="cell.text"]');
  await field.fill(equations('gg', ''));
  const { problems } = await editorUntil(playground, 'two mistakes', (editor) => editor.problems.length === 2);
  assert.deepEqual(problems.map((/** @type {any} */ { line, column }) => [line, column]), [[6, 22], [7, 43]]);
  assert.match(problems[0].text, /gg is not known here \(did you mean g\?\)/);
  await playground.place('cell.problem0');

  await field.fill(equations('g', ''));
  await editorUntil(playground, 'one mistake', (editor) => editor.problems.length === 1 && editor.problems[0].line === 7);
  await field.fill(equations('g', ')'));
  const { parameters } = await editorUntil(playground, 'a cell', (editor) => editor.state === 'mine, your own, new');
  assert.ok(parameters > 0);
  for (const part of ['f', 'i', 'g', 'o', 'c', 'h', 'c_prev']) await playground.place(`cell.part.${part}`);

  await playground.click('cell.train');
  await playground.until('a third lane', ({ lanes }) => lanes.length === 3 && lanes[2].configured);
  await playground.press('train');
  const trained = await playground.until('all have learned', (state) =>
    !state.running && everyLane(state, (lane) => lane.step === steps && !lane.running));
  assert.match(trained.lanes[2].name, /^mine /);

  let link = '';  // the page writes it when the changes have come to rest
  for (const end = Date.now() + 20000; JSON.parse((await jsonOf(link)) ?? '{}').lanes?.length !== 3;) {
    assert.ok(Date.now() < end, 'the link has no third lane');
    await playground.page.waitForTimeout(50);
    link = await playground.page.evaluate(() => location.hash);
  }
  const other = await Playground.open(site, { hash: link });
  await other.press('train');
  const again = await other.until('all have learned the same', (state) =>
    !state.running && everyLane(state, (lane) => lane.step === steps && !lane.running));
  for (const { history } of trained.lanes) assert.equal(history.losses.length, steps);
  assert.deepEqual(curves(again), curves(trained));
  playground.finish();
  other.finish();
});

test('Start from any cell: what is changed of one that ships gets a name of its own, and trains under it', async () => {
  const playground = await Playground.open(site, { experiment });
  await playground.click('cell.depth.Formula');
  const field = playground.page.locator('[id="cell.text"]');
  for (const name of ['my_peephole', 'my_peephole2']) {
    await playground.click('cell.start');
    await playground.click('cell.start.peephole');
    const shipped = await editorUntil(playground, 'the peephole lstm', (editor) => editor.state === 'peephole, as shipped');
    // Another curve for each, so that no two are the same.
    await field.fill(shipped.text.replace('h = o * tanh(c)', `h = o * ${name === 'my_peephole' ? 'relu' : 'sin'}(c)`));
    await editorUntil(playground, `it is to be ${name}`, (editor) => editor.state === `made from peephole: trains as ${name}`);
    await playground.click('cell.train');
    const own = await editorUntil(playground, `it is ${name}`, (editor) => editor.state === `${name}, your own`);
    assert.ok(own.text.startsWith(`cell ${name} `), own.text);
    assert.equal(own.text.includes('cell peephole'), false);
  }
  const state = await playground.until('four lanes', ({ lanes }) => lanes.length === 4 && everyLane({ lanes }, (lane) => lane.configured));
  assert.deepEqual(state.experiment.lanes.map((/** @type {any} */ { cell }) => cell), ['lstm', 'rnn', 'my_peephole', 'my_peephole2']);
  assert.equal(state.experiment.cells.length, 2);
  // One's own stand in the list, too.
  await playground.click('cell.start');
  await playground.click('cell.start.my_peephole');
  await editorUntil(playground, 'the first again', (editor) => editor.state === 'my_peephole, your own');
  playground.finish();
});

test('other equations for a cell that has trained wait for a restart, and Undo brings back those that it has', async () => {
  const playground = await Playground.open(site, { experiment });
  await playground.click('cell.depth.Formula');
  const field = playground.page.locator('[id="cell.text"]');
  await field.fill(equations('g', ')'));
  await editorUntil(playground, 'a cell', (editor) => editor.state === 'mine, your own, new');
  await playground.click('cell.train');
  await playground.until('a third lane', ({ lanes }) => lanes.length === 3 && lanes[2].configured);
  await playground.press('train');
  const trained = await playground.until('all have learned', (state) =>
    !state.running && everyLane(state, (lane) => lane.step === steps && !lane.running));

  await field.fill(equations('sin(g)', ')'));
  await editorUntil(playground, 'changed', (editor) => editor.state === 'mine, your own, changed');
  await playground.click('cell.train');
  const waits = await playground.until('it waits', (state) => state.changed);
  assert.equal(waits.lanes.length, 3);
  assert.match(waits.experiment.cells[0], /sin\(g\)/);
  await playground.click('undo-changes');
  const undone = await playground.until('it is undone', (state) => !state.changed);
  assert.deepEqual(undone.experiment.cells, [equations('g', ')')]);
  assert.deepEqual(curves(undone), curves(trained));
  await editorUntil(playground, 'the equations that it has', (editor) =>
    editor.state === 'mine, your own' && editor.text === equations('g', ')'));
  playground.finish();
});

test('a lane of one’s own cell that waited for a change which is undone starts without it', async () => {
  const playground = await Playground.open(site, { experiment });
  await playground.press('train');
  await playground.until('both have learned', (state) => !state.running && everyLane(state, (lane) => lane.step === steps && !lane.running));
  await playground.click('cell.depth.Formula');
  await playground.page.locator('[id="cell.text"]').fill(equations('g', ')'));
  await editorUntil(playground, 'a cell', (editor) => editor.state === 'mine, your own, new');
  await playground.click('train.seq_length.plus');
  await playground.until('it waits', (state) => state.changed);
  await playground.click('cell.train');
  const waits = await playground.until('a third lane', ({ lanes }) => lanes.length === 3);
  assert.equal(waits.lanes[2].configured, false);
  await playground.click('undo-changes');
  const { experiment: now } = await playground.until('it starts', (state) => !state.changed && state.lanes[2].configured);
  assert.equal(now.train.seq_length, 32);
  assert.deepEqual(now.lanes[2], waits.experiment.lanes[2]);
  assert.equal(now.lanes[2].cell, 'mine');
  playground.finish();
});

test('gates, one step and timeline of one’s own cell are in the words of its equations', async () => {
  const own = {
    ...experiment,
    cells: [equations('g', ')  # output gate: what shows of it')],
    train: { ...experiment.train, steps: 0 },
    lanes: [{ cell: 'mine', hidden: 12 }],
    view: { tab: 'gates', probe: 'Sphinx of black quartz', tracks: ['surprise', 'f', 'i'] },
  };
  const playground = await Playground.open(site, { experiment: own });
  const { gates } = await playground.until('its gates', (state) => state.gates?.length === 2);
  assert.deepEqual(gates.map((/** @type {any} */ { gate }) => gate), ['f', 'o']);
  for (const { closed, open } of gates) assert.deepEqual([closed.length, open.length], [12, 12]);

  await playground.click('tab.timeline');
  const { timeline } = await playground.until('its tracks', ({ timeline }) => timeline.lanes[0].pictures.f && timeline.lanes[0].pictures.i);
  const { f, i } = timeline.lanes[0].pictures;
  f.unit.forEach((/** @type {number} */ value, /** @type {number} */ at) => assert.ok(Math.abs(value + i.unit[at] - 1) < 1e-4));
  await playground.click('timeline.tracks-menu');
  for (const name of ['c', 'h', 'g', 'o']) await playground.place(`track.${name}`);
  await playground.page.keyboard.press('Escape');

  await playground.click('tab.step');
  await playground.click('one_step.walk');
  const { one_step } = await playground.until('a step was walked', ({ one_step }) =>
    one_step && !one_step.wanted && !one_step.under_way && one_step.lanes[0].step === 1);
  const [lane] = one_step.lanes;
  assert.equal(lane.losses.length, own.train.seq_length);
  assert.equal(lane.gradient.length, own.train.seq_length);
  for (const value of [...lane.losses, ...lane.hidden, ...lane.gradient]) assert.ok(value > 0);
  const names = lane.blocks.map((/** @type {any} */ { name }) => name);
  for (const name of ['rnn.weight_ih_l0', 'rnn.weight_diag_c_l0', 'rnn.weight_diag_of_c_l0'])
    assert.ok(names.some((/** @type {string} */ one) => one.startsWith(name)), `${name} in ${names}`);
  playground.finish();
});
