// Time series on the screen: from a built-in one to its score and its forecasts, by pointer, keys and finger; and tables as
// people have them, pasted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const airline = {
  unroll: 1,
  data: { task: { name: 'series', series: 'airline' } },
  train: { batch: 2, seq_length: 24, rate: 0.01 },
  lanes: [{ cell: 'rnn', hidden: 12 }, { cell: 'lstm', hidden: 8 }],
};

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const scored = (/** @type {any} */ state) => everyLane(state, (lane) => lane.score?.step > 0);
/** Every lane has told its forecast from where the picture's origin is. @param {any} state */
const foretold = (state) => state.series?.lanes?.every((/** @type {any} */ lane) => lane?.forecast.length === state.series.steps);

test('a series from its start to its score: drawn with its parts, forecasts from an origin that pointer and keys move, and words beside the baselines', async () => {
  const playground = await Playground.open(site, { experiment: airline });
  let state = await playground.until('forecasts', foretold);
  assert.equal(state.series.title, 'Airline passengers');
  assert.equal(state.series.length, 144);
  assert.equal(state.series.origin, 119, 'where the held-out part begins');
  assert.equal(state.series.label, 'Dec 1958');
  assert.equal(state.series.steps, 12);
  assert.equal(state.standing.lanes[0].verdict, '', 'nothing is said before it was measured');
  // The baselines stand there with the values of the literature.
  const baseline = (/** @type {string} */ name) => state.standing.rows.find((/** @type {any} */ row) => row.name === name)?.value;
  state = await playground.until('baselines', (now) => now.standing.rows.length > 4);
  assert.ok(Math.abs(baseline('last value') - 44.21) < 0.01);
  assert.ok(Math.abs(baseline('season + delta') - 14.25) < 0.01);

  await playground.click('train');
  state = await playground.until('a score of both lanes', scored, 90000);
  await playground.click('train');
  await playground.untilRunning(false);
  state = await playground.until('words', (now) => now.standing.lanes.every((/** @type {any} */ lane) => lane.verdict && lane.copy));
  for (const { verdict, copy } of state.standing.lanes) {
    assert.match(verdict, /is still better: [\d.]+ thousands|better than all that need no network|a tie with/);
    assert.match(copy, /^\d+% of this forecast is last month's value\.$|^This forecast is last month's value \(\d+%\)\.$/);
  }
  await playground.click('predict.measure.RMSE');
  state = await playground.until('RMSE', (now) => now.standing.measure === 'RMSE');
  assert.ok(Math.abs(baseline('last value') - 51.78) < 0.01);

  // By pointer.
  const from = await playground.place('series.origin', [0.5, 0.5]), to = await playground.place('series.origin', [0.3, 0.5]);
  const { mouse, keyboard } = playground.page;
  await mouse.move(from.x, from.y);
  await mouse.down();
  await mouse.move(to.x, to.y, { steps: 5 });
  await mouse.up();
  const origin = await playground.still((now) => now.series.origin);
  assert.ok(origin < 115, 'another origin');
  const moved = await playground.until('its forecasts', foretold);
  assert.notDeepEqual(moved.series.lanes[0].forecast, state.series.lanes[0].forecast);
  assert.equal(typeof moved.series.lanes[0].mean_error, 'number');
  for (const { low, high } of moved.series.lanes)
    for (const h of low.keys()) assert.ok(low[h] <= high[h]);
  // By keys, and the screen reader hears it.
  await keyboard.press('ArrowRight');
  await playground.until('one month on', (now) => now.series.origin === origin + 1 && foretold(now));
  for (let presses = 0; (await playground.state()).focus !== 'series.origin'; ++presses) {
    assert.ok(presses < 150, 'Tab comes to the origin');
    await keyboard.press('Tab');
    await playground.drawn(2);
  }
  await keyboard.press('PageUp');
  await playground.until('a year back', (now) => now.series.origin === origin - 11 && foretold(now));
  await playground.says(/from [A-Z][a-z]{2} 19\d\d, 12 steps ahead: RNN 12 off by [\d.]+ thousands on average, LSTM 8 off by/);

  // The timeline's numbers are passengers, too.
  state = await playground.until('the example', (now) => now.timeline?.example);
  assert.match(state.timeline.example.reads, /\b[1-5]\d\d\b/);
  playground.finish();
});

test('the Data card shows the settings that have an effect, and the rare ones to those who ask', async () => {
  const playground = await Playground.open(site, { experiment: airline });
  const shown = async () => Object.keys(await playground.page.evaluate(() => window.unroll.widgets()))
    .filter((id) => /^task\.[a-z_]+$/.test(id)).sort();
  await playground.place('task.series');
  assert.deepEqual(await shown(), ['task.held_out', 'task.horizon', 'task.more', 'task.series', 'task.spread']);
  await playground.click('task.series');
  await playground.click('task.series.sines');
  await playground.until('sines', (state) => state.series?.title === 'Noisy sines');
  await playground.place('task.noise');
  assert.deepEqual(await shown(), ['task.held_out', 'task.horizon', 'task.length', 'task.more', 'task.noise', 'task.series', 'task.spread']);
  await playground.click('task.more');
  await playground.place('task.seasonal');
  assert.ok(!(await shown()).includes('task.separator'), 'nothing of tables');
  playground.finish();
});

test('on a phone a series is trained to its score, and a finger moves the origin', async () => {
  const playground = await Playground.open(site, { experiment: airline, options: phone });
  await playground.tap('train');
  await playground.until('a score', scored, 90000);
  await playground.tap('train');
  await playground.untilRunning(false);
  const before = await playground.until('forecasts', foretold);
  const { x, y } = await playground.place('series.origin', [0.25, 0.5]);
  await playground.page.touchscreen.tap(x, y);
  await playground.until('another origin', (state) => state.series.origin < before.series.origin - 5 && foretold(state));
  await playground.tap('tab.predict');
  await playground.until('words', (state) => state.standing.lanes.every((/** @type {any} */ lane) => lane.verdict));
  playground.finish();
});

/** Twenty-five rows after the first ones, so that there is something to learn. @param {(i: number) => string} row */
const rows = (row) => Array.from({ length: 25 }, (_, i) => row(i)).join('\n') + '\n';
const two = (/** @type {number} */ n) => String(n).padStart(2, '0');

/** What people have: a table, what is recognised in it, and its first numbers. @type {[string, string, Record<string, RegExp>, (number|null)[]][]} */
const messes = [
  ['semicolons, decimal commas, points between thousands, an empty cell',
    'Datum;Wert\n01.02.2024;1.234,5\n02.02.2024;\n03.02.2024;7,25\n' + rows((i) => `${two(i + 4)}.02.2024;${i},5`),
    { Separator: /semicolon/, 'Decimal mark': /comma/, Dates: /day\.month\.year/, Header: /first line/ }, [1234.5, null, 7.25]],
  ['quoted numbers with commas between thousands',
    '"day","value"\n"2024-01-01","3,505"\n"2024-01-02","12,000.5"\n' + rows((i) => `"2024-01-${two(i + 3)}","1,0${two(i)}"`),
    { Separator: /comma/, 'Decimal mark': /point/ }, [3505, 12000.5]],
  ['tabs, and no header', rows((i) => `2024-01-${two(i + 1)}\t${i}.5`), { Separator: /tab/, Header: /none/ }, [0.5, 1.5]],
  ['one column of numbers', 'v\n' + rows((i) => `${i * i}`), { Separator: /none/, Dates: /none/ }, [0, 1, 4]],
  ['American dates, dollars', 'Date,Close\n' + rows((i) => `1/${i + 1}/2024,$${1000 + i}.25`), { Dates: /month\/day\/year/ }, [1000.25, 1001.25]],
  ['the newest row first', 'd,v\n' + rows((i) => `2024-01-${two(25 - i)},${25 - i}.5`), { 'Time step': /day/ }, [1.5, 2.5]],
  ['a row that is not there', 'm,v\n2023-01,1\n2023-02,2\n2023-04,4\n' + rows((i) => `${2023 + Math.floor((i + 4) / 12)}-${two((i + 4) % 12 + 1)},${i}`),
    { 'Time step': /month/ }, [1, 2, null, 4]],
  ['NA, n/a and null for missing', 'v\n1\nNA\n3\nn/a\nnull\n' + rows((i) => `${i}`), {}, [1, null, 3, null]],
  ['comments, blank lines and Windows line ends', '# from the meter\r\n\r\nd;v\r\n' + rows((i) => `${i + 1}.3.2024;${i},0`).replaceAll('\n', '\r\n'),
    { Separator: /semicolon/ }, [0, 1]],
  ['percent signs and blanks between thousands', 'q;share;sum\n' + rows((i) => `${2000 + Math.floor(i / 4)}-Q${i % 4 + 1};${i + 3} %;1 ${two(i)}0,5`),
    { Dates: /quarter/ }, [3, 4]],
];

test('tables as people have them, pasted: what was recognised is said in words, with the first rows', async () => {
  const playground = await Playground.open(site, { experiment: { ...airline, data: { task: { name: 'series', series: 'own' }, text: rows((i) => `${i % 7}`) }, lanes: [{ cell: 'rnn', hidden: 4 }] }, options: { viewport: { width: 1280, height: 1400 } } });
  const field = playground.page.locator('#text');
  for (const [what, table, found, numbers] of messes) {
    await field.fill(table);
    const { table: read } = await playground.until(what, (state) => state.table?.rows > 20 &&
      JSON.stringify(state.table.columns[0]?.values.slice(0, numbers.length)) === JSON.stringify(numbers));
    for (const [name, words] of Object.entries(found)) assert.match(read.findings[name], words, `${what}: ${name}`);
    assert.deepEqual(read.columns[0].values.slice(0, numbers.length), numbers, what);
    assert.deepEqual(read.problems, [], what);
    await playground.until(`${what}: a lane learns it`, (state) => everyLane(state, (lane) => lane.configured) && state.series?.length > 20);
  }
  // What cannot be read is said with its place, and what is read wrongly can be corrected.
  await field.fill('d;x\n1.1.2024;1\n2.1.2024;two\n' + rows((i) => `${i + 3}.1.2024;${i}`));
  let state = await playground.until('the wrong cell', (now) => now.table?.problems?.length > 0);
  assert.match(state.table.problems[0], /Line 3, x: "two" is no number/);
  await field.fill(rows((i) => `1,${two(i)}`));
  state = await playground.until('numbers', (now) => now.table?.columns?.[0]);
  const before = state.table.findings.Separator;
  await playground.click('task.read');
  await playground.click('task.separator');
  await playground.click(`task.separator.${/none/.test(before) ? 'comma' : 'none'}`);
  await playground.until('read in the other way', (now) => now.table.findings.Separator !== before);
  playground.finish();
});

test('a dropped file becomes the series', async () => {
  const playground = await Playground.open(site, { experiment: airline });
  await playground.drop('meter.csv', 'day,kWh\n' + rows((i) => `2024-03-${two(i + 1)},${10 + i % 7}.5`));
  const { series, experiment } = await playground.until('the file', (state) => state.series?.title === 'kWh');
  assert.equal(experiment.data.task.series, 'own');
  assert.equal(series.length, 25);
  playground.finish();
});
