// One's own cell: a visitor types equations, is told each mistake at its place, sees the cell drawn, trains it beside an lstm
// and an rnn; the link gives the same start and the same losses to whoever opens it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
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

/** @param {any} state */
const losses = (state) => state.lanes.map((/** @type {any} */ lane) => [lane.name, lane.step, lane.parameters, lane.loss]);

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

  const link = await playground.page.evaluate(() => location.hash);
  const other = await Playground.open(site, { hash: link });
  await other.press('train');
  const again = await other.until('all have learned the same', (state) =>
    !state.running && everyLane(state, (lane) => lane.step === steps && !lane.running));
  assert.deepEqual(losses(again), losses(trained));
  playground.finish();
  other.finish();
});
