// What the lessons claim, measured over seeds: trains the networks of a lesson's experiment natively, as the lesson has them, and
// prints a row for each: held-out loss and score, median (least – greatest).
//   node tests/bench/lessons.mjs LESSON STEP [--seeds 1,2,3,4,5] [--steps 200] [--lanes 0,1]
// after ./run test has built build/native/unroll (UNROLL_PROGRAM: another one). LESSON: a file's name in examples/lessons; STEP: one of its steps, counted from 1,
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { root } from '../browser.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '1,2,3,4,5' }, steps: { type: 'string', default: '200' }, lanes: { type: 'string' } },
});
const [name, number] = positionals;
const program = process.env.UNROLL_PROGRAM ?? `${root}/build/native/unroll`;
const text = readFileSync(`${root}/examples/lessons/${name}.md`, 'utf8');
const step = text.split(/^## /m)[Number(number)] ?? '';
const block = /^```step\n([\s\S]*?)^```/m.exec(step);
const fields = block ? JSON.parse(block[1]) : {};
const experiment = fields.start ?? fields.experiment;
if (!experiment) throw new Error(`step ${number} of ${name} has no experiment`);

const three = (/** @type {number} */ value) => (Number.isFinite(value) ? value.toFixed(3) : '–');
const spread = (/** @type {number[]} */ all) => {
  const sorted = all.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.length ? `${three(sorted[(sorted.length - 1) >> 1])} (${three(sorted[0])} – ${three(/** @type {number} */ (sorted.at(-1)))})` : '–';
};
const folder = mkdtempSync(`${tmpdir()}/unroll-lessons-`);
try {
  const wanted = values.lanes?.split(',').map(Number) ?? experiment.lanes.map((/** @type {any} */ _, /** @type {number} */ at) => at);
  for (const lane of wanted) {
    /** @type {any[]} */ const results = [];
    for (const seed of values.seeds.split(',').map(Number)) {
      const file = `${folder}/experiment.json`;
      const { view, ...document } = experiment;
      writeFileSync(file, JSON.stringify({ unroll: 1, ...document, train: { ...document.train, seed, steps: Number(values.steps) } }));
      const out = execFileSync(program, ['train', '--experiment', file, '--lane', String(lane), '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      results.push(JSON.parse(/** @type {string} */ (out.trim().split('\n').at(-1))));
    }
    const { cell, hidden, name: called } = experiment.lanes[lane];
    console.log([`${called ?? cell} ${hidden}`, `${results[0].parameters} parameters`, `train ${spread(results.map((one) => one.train_loss))}`,
      `held out ${spread(results.map((one) => one.valid_loss))}`, `${results[0].score.name} ${spread(results.map((one) => one.score.value ?? NaN))}`].join('  '));
  }
} finally {
  rmSync(folder, { recursive: true });
}
