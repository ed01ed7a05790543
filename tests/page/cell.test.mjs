// The cell view: the numbers it shows are those of the cell's equations, at every unit and character, by pointer and by
// keyboard; interventions change what follows and are taken back without a trace.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { readCsv, save } from './saved.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const probe = 'Sphinx of black quartz, judge my vow.';
const steps = 40;
/** @param {object[]} lanes */
const experiment = (lanes) => ({
  unroll: 1,
  data: { text: `${probe} `.repeat(60), valid: 0.1 },
  train: { batch: 4, seq_length: 32, rate: 0.01, steps, seed: 3 },
  lanes,
  view: { tab: 'cell', probe, autoplay: true },
});
const lanes = [{ cell: 'lstm', hidden: 24, layers: 2 }, { cell: 'gru', hidden: 20 }, { cell: 'rnn', hidden: 16 }];

const sigmoid = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));

/** What the rows of each cell must be, computed from the rows before them (engine/cells/*.h). */
/** @type {Record<string, (r: any) => Record<string, number>>} */
const equations = {
  lstm: (r) => ({
    i: sigmoid(r['x.i'] + r['u.i']),
    f: sigmoid(r['x.f'] + r['u.f']),
    g: Math.tanh(r['x.g'] + r['u.g']),
    o: sigmoid(r['x.o'] + r['u.o']),
    c: r.f * r.c_prev + r.i * r.g,
    tanh_c: Math.tanh(r.c),
    h: r.o * Math.tanh(r.c),
    keep: r.f * r.c_prev,
    write: r.i * r.g,
  }),
  gru: (r) => ({
    r: sigmoid(r['x.r'] + r['u.r']),
    z: sigmoid(r['x.z'] + r['u.z']),
    n: Math.tanh(r['x.n'] + r.r * r['u.n']),
    h: (1 - r.z) * r.n + r.z * r.h_prev,
    'n.1': r.r * r['u.n'],
    remain_z: 1 - r.z,
  }),
  rnn: (r) => ({ sum: r.x + r.u, h: Math.tanh(r.x + r.u) }),
};

/** @param {string} numbers as shown: "σ(0.410 + (−1.320))" */
const evaluate = (numbers) =>
  new Function('σ', 'tanh', `return ${numbers.replaceAll('−', '-').replaceAll('·', '*')}`)(sigmoid, Math.tanh);

/** @param {any} cell the published view @param {string} kind */
function check(cell, kind) {
  for (const [row, expected] of Object.entries(equations[kind](cell.rows)))
    assert.ok(Math.abs(cell.rows[row] - expected) < 2e-6, `${kind} ${row}: ${cell.rows[row]}, expected ${expected}`);
  let shown = 0;
  for (const { id, numbers, result, value } of cell.formulas) {
    const digits = result.split('.')[1].length;
    assert.equal(Number(result.replace('−', '-')), Number(value.toFixed(digits)), `${id}: ${result} is ${value}`);
    if (!numbers) continue;
    const difference = Math.abs(evaluate(numbers) - Number(result.replace('−', '-')));
    assert.ok(difference <= 0.501 * 10 ** -digits, `${numbers} = ${result}`);
    ++shown;
  }
  assert.equal(shown, { lstm: 13, gru: 11, rnn: 2 }[kind]);
}

/** @param {Playground} playground */
const trained = (playground) => playground.until('trained, and the cell is read', (state) =>
  !state.running && everyLane(state, (lane) => lane.step === steps && !lane.running && lane.probe.step === steps) &&
  state.cell?.ready && state.cell.step === steps);

/** @param {Playground} playground @param {(cell: any) => boolean} condition */
const cellUntil = async (playground, condition) =>
  (await playground.until(`the cell view: ${condition}`, ({ cell }) => cell?.ready && condition(cell))).cell;

test('the numbers are those of the equations, for each cell, by pointer', async () => {
  const playground = await Playground.open(site, { experiment: experiment(lanes) });
  const first = (await trained(playground)).cell;
  assert.equal(first.units, 24);
  check(first, 'lstm');
  await playground.click('cell.unit.plus');
  const second = await cellUntil(playground, (cell) => cell.unit === first.unit + 1);
  check(second, 'lstm');
  assert.notDeepEqual(second.rows, first.rows);
  await playground.click('cell.layer.plus');
  const above = await cellUntil(playground, (cell) => cell.layer === 1);
  check(above, 'lstm');

  await playground.click('cell.lane1');
  check(await cellUntil(playground, (cell) => cell.lane === 1 && cell.units === 20), 'gru');
  await playground.click('cell.lane2');
  check(await cellUntil(playground, (cell) => cell.lane === 2 && cell.units === 16), 'rnn');

  await playground.click('cell.lane1');
  const last = await cellUntil(playground, (cell) => cell.lane === 1);
  assert.equal(last.character, '.');
  await cellUntil(playground, (cell) => cell.next.length === 5);
  await playground.click('cell.back');
  const before = await cellUntil(playground, (cell) => cell.position === last.position - 1);
  assert.equal(before.character, 'w');
  assert.equal(before.rows.h, last.rows.h_prev);
  check(before, 'gru');
  assert.ok(before.next.every((/** @type {any} */ [, p], /** @type {number} */ i) => i === 0 || p <= before.next[i - 1][1]));

  const { name, bytes } = await save(playground, 'cell', 'csv');
  assert.equal(name, `unroll-cell-step-${steps}.csv`);
  const { columns, rows } = readCsv(bytes);
  assert.deepEqual([rows.length, columns[0]], [20, 'unit']);
  const shown = (await playground.state()).cell;
  for (const [index, row] of columns.slice(1).entries())
    assert.ok(Math.abs(Number(rows[shown.unit][index + 1]) - shown.rows[row]) < 1e-6, row);
  playground.finish();
});

test('time: played, chosen on the tape, and by keys; what was c becomes c before', async () => {
  const playground = await Playground.open(site, { experiment: experiment(lanes.slice(0, 1)) });
  const { position } = (await trained(playground)).cell;
  assert.equal(position, probe.length - 1);
  const { page } = playground;
  await page.keyboard.press(',');  // the first one chooses the last character, which is shown already
  await playground.until('it is chosen', ({ timeline }) => timeline.chosen === position);
  await page.keyboard.press(',');
  await cellUntil(playground, (cell) => cell.position === position - 1);
  await playground.click('cell.tape', [12 / (await playground.box('cell.tape')).width, 0.5]);
  let cell = await cellUntil(playground, (cell) => cell.position < position - 8);
  for (let step = 0; step < 4; ++step) {
    await playground.click('cell.forward');
    const next = await cellUntil(playground, (next) => next.position === cell.position + 1);
    assert.equal(next.rows.c_prev, cell.rows.c);
    assert.equal(next.rows.h_prev, cell.rows.h);
    assert.equal(next.character, probe[next.position]);
    check(next, 'lstm');
    cell = next;
  }
  for (const unit of [1, 2, 3]) {
    await page.keyboard.press(']');
    check(await cellUntil(playground, (cell) => cell.unit === unit), 'lstm');
  }
  await page.keyboard.press('[');
  await cellUntil(playground, (cell) => cell.unit === 2);

  await page.keyboard.press('p');
  const begin = Date.now();
  await cellUntil(playground, (now) => now.playing && now.position >= cell.position + 3);
  assert.ok(Date.now() - begin > 600, 'three characters a second');
  await playground.click('cell.play');
  const { position: stopped } = await cellUntil(playground, (now) => !now.playing);
  await page.waitForTimeout(800);
  assert.equal((await playground.state()).cell.position, stopped);
  playground.finish();
});

test('a formula at the pointer and at the focus; picture, vector and formula', async () => {
  const playground = await Playground.open(site, { experiment: experiment(lanes) });
  const { page } = playground;
  assert.equal((await trained(playground)).cell.part, 'c');
  for (const part of ['f', 'x.o', 'keep', 'h']) {
    const { x, y } = await playground.place(`cell.part.${part}`);
    await page.mouse.move(x, y);
    await cellUntil(playground, (cell) => cell.part === part);
  }
  await page.mouse.move(10, 10);
  await cellUntil(playground, (cell) => cell.part === 'c');
  await playground.click('cell.unit.plus');  // the keyboard goes on from here
  await page.mouse.move(10, 10);
  const seen = new Set();
  for (let presses = 0; presses < 30 && !seen.has('o'); ++presses) {
    const { focus } = await playground.state();
    await page.keyboard.press('Tab');
    await playground.until('the focus moves on', (state) => state.focus !== focus);
    await playground.drawn(2);
    seen.add((await playground.state()).cell.part);
  }
  assert.ok(['i', 'f', 'g', 'o'].every((gate) => seen.has(gate)), `focused: ${[...seen]}`);

  await playground.click('cell.depth.Vector');
  await cellUntil(playground, (cell) => cell.depth === 'vector');
  await playground.click('cell.part.g');  // its middle
  const { unit } = await cellUntil(playground, (cell) => cell.unit > 1);
  await playground.click('cell.depth.Formula');
  const cell = await cellUntil(playground, (cell) => cell.depth === 'formula' && cell.unit === unit);
  check(cell, 'lstm');
  assert.equal(cell.editor.state, 'lstm, as shipped');
  for (const id of ['i', 'f']) await playground.place(`cell.equation.${id}`);
  await playground.click('cell.equation.f');
  await cellUntil(playground, (cell) => cell.part === 'f');
  playground.finish();
});

test('a clamped gate changes the loss, is marked, and is restored without a trace', async () => {
  const playground = await Playground.open(site, { experiment: experiment(lanes.slice(0, 2)) });
  await trained(playground);
  const plain = await cellUntil(playground, (cell) => cell.next.length === 5);
  assert.equal(plain.intervened, false);
  assert.equal(plain.loss.without, null);
  await playground.click('cell.intervene');
  await playground.click('cell.scope.All 24');
  await playground.click('cell.gate.f');
  await playground.click('cell.clamp');
  const clamped = await cellUntil(playground, (cell) => cell.intervened && cell.loss.intervened);
  assert.deepEqual(clamped.interventions, ['f = 0.00, all units, layer 1']);
  assert.equal(clamped.rows.f, 0);
  assert.ok(clamped.rows.keep === 0);  // or −0
  assert.ok(Math.abs(clamped.rows.c - clamped.rows.write) < 1e-6);
  assert.equal(clamped.formulas.find((/** @type {any} */ { id }) => id === 'f').imposed, 'clamped');
  assert.equal(clamped.loss.without, plain.loss.now);
  assert.ok(Math.abs(clamped.loss.now - clamped.loss.without) > 1e-3, `${clamped.loss.without} → ${clamped.loss.now}`);

  await playground.click('cell.ablate');
  const ablated = await cellUntil(playground, (cell) => cell.interventions.length === 2 && cell.rows.h === 0);
  assert.equal(ablated.rows.c, 0);
  await playground.click('cell.remove0');
  await cellUntil(playground, (cell) => cell.interventions.length === 1 && cell.rows.f !== 0);

  await playground.click('tab.learn');
  await playground.until('the predictions are marked', (state) =>
    state.lanes[0].prediction.intervened && !state.lanes[1].prediction.intervened);
  await playground.click('tab.cell');
  await playground.click('cell.restore');
  const restored = await cellUntil(playground, (cell) =>
    !cell.intervened && !cell.loss.intervened && cell.next[0]?.[1] === plain.next[0][1]);
  assert.deepEqual(restored.rows, plain.rows);
  assert.deepEqual(restored.loss, plain.loss);
  assert.deepEqual(restored.next, plain.next);
  playground.finish();
});

test('memory is set and a unit frozen from the chosen character on', async () => {
  const playground = await Playground.open(site, { experiment: experiment([{ cell: 'lstm', hidden: 24 }]) });
  const { page } = playground;
  const { position } = (await trained(playground)).cell;
  await playground.click('cell.back');
  await cellUntil(playground, (cell) => cell.position === position - 1);
  await playground.click('cell.intervene');
  await playground.click('cell.memory.value.plus');
  await playground.click('cell.memory');
  const set = await cellUntil(playground, (cell) => cell.intervened && cell.rows.c !== null);
  assert.equal(set.rows.c, 0.5);
  assert.ok(Math.abs(set.rows.h - set.rows.o * Math.tanh(0.5)) < 1e-6);
  await playground.click('cell.restore');
  await cellUntil(playground, (cell) => !cell.intervened);
  await playground.click('cell.freeze');
  const frozen = await cellUntil(playground, (cell) => cell.intervened);
  assert.equal(frozen.rows.c, frozen.rows.c_prev);
  await page.keyboard.press('.');
  const later = await cellUntil(playground, (cell) => cell.position === position);
  assert.equal(later.rows.h, frozen.rows.h);
  assert.equal(later.rows.c, frozen.rows.c);
  playground.finish();
});

for (const [width, height] of [[640, 480], [390, 844]])
  test(`at ${width} × ${height} all of the view is inside its card, and a finger chooses`, async () => {
    const options = { viewport: { width, height }, hasTouch: width < 600, isMobile: width < 600 };
    const playground = await Playground.open(site, { experiment: experiment(lanes.slice(0, 2)), options });
    await trained(playground);
    const widgets = await playground.page.evaluate(() => window.unroll.widgets());
    const [left, top, wide, high] = widgets['panel.cell'];
    for (const id of Object.keys(widgets).filter((name) => name.startsWith('cell.'))) {
      const [x, y, w, h] = widgets[id];
      assert.ok(x >= left && y >= top && x + w <= left + wide + 1 && y + h <= top + high + 1, `${id} sticks out`);
    }
    for (const id of ['cell.part.f', 'cell.part.h', 'cell.tape', 'cell.readout', 'cell.next', 'cell.play', 'cell.intervene'])
      assert.ok(widgets[id], `${id} is missing`);
    if (width < 600) await playground.tap('cell.part.o');
    else await playground.click('cell.part.o');
    await cellUntil(playground, (cell) => cell.part === 'o');
    playground.finish();
  });
