// A network on its way: trained on the page, measured and trained on by the command line, trained on by PyTorch where there is one, and back
// on the page. At each station the predictions are those of the one before. (Desktop: tests/desktop/to_page.test.mjs.)
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { at, json, root } from '../cli/program.mjs';
import { Playground, everyLane } from './playground.mjs';
import { checkpoint, readCsv, save, saveWhole } from './saved.mjs';
import { useSite } from './site.mjs';

const site = useSite();
const python = '/usr/bin/python3';
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;

const text = 'Pack my box with five dozen liquor jugs. '.repeat(40), prefix = 'Pack my box wi';
const last = 40;
const experiment = {
  unroll: 1,
  data: { text, valid: 0.1 },
  train: { batch: 4, seq_length: 16, rate: 0.01, seed: 3, steps: last },
  lanes: [{ cell: 'rnn', hidden: 24 }, { cell: 'lstm', hidden: 16, layers: 2 }],
  view: { prefix },
};

/** What the page says comes after the prefix: probabilities by character, for each lane. @param {Playground} playground */
async function pageSays(playground) {
  const { columns, rows } = readCsv((await save(playground, 'predict', 'csv')).bytes);
  return columns.slice(1).map((_, lane) => new Map(rows.map((row) => [row[0], Number(row[1 + lane])])));
}

/** The same of the command line. @param {string} model @param {string[]} flags */
function programSays(model, ...flags) {
  json('eval', '--model', model, ...flags, '--text', 'part.txt', '--predictions', 'p.csv');
  const { columns, rows } = readCsv(readFileSync(at('p.csv')));
  const from = columns.length - new Set(text).size;  // one column for each character
  const next = /** @type {string[]} */ (rows.at(-1));
  return new Map(columns.slice(from).map((symbol, i) => [symbol, Number(next[from + i])]));
}

/** @param {Map<string, number>} a @param {Map<string, number>} b */
function difference(a, b) {
  assert.deepEqual([...a.keys()].sort(), [...b.keys()].sort());
  return Math.max(...[...a].map(([symbol, probability]) => Math.abs(probability - (b.get(symbol) ?? NaN))));
}

test('from the page to the command line, to PyTorch, and back on the page: the predictions stay, and training goes on', async () => {
  writeFileSync(at('part.txt'), prefix + 't');
  const playground = await Playground.open(site, { experiment, options: { viewport: { width: 1280, height: 1200 } } });
  await playground.press('train');
  await playground.until('it is trained', (state) => !state.running && everyLane(state, (lane) => lane.step === last && lane.prediction.step === last));
  writeFileSync(at('lane.safetensors'), await checkpoint(playground, 0));
  const here = await pageSays(playground);
  writeFileSync(at('page.unroll'), (await saveWhole(playground)).bytes);

  for (const lane of [0, 1]) assert.ok(difference(here[lane], programSays('page.unroll', '--lane', String(lane))) < 1e-6, `lane ${lane}`);
  assert.ok(difference(here[0], programSays('lane.safetensors')) < 1e-6, 'a lane alone');
  json('train', '--resume', 'lane.safetensors', '--steps', '60', '--out', 'alone.safetensors');
  json('train', '--resume', 'page.unroll', '--lane', '0', '--steps', '60', '--out', 'of-whole.safetensors');
  assert.ok(readFileSync(at('of-whole.safetensors')).equals(readFileSync(at('alone.safetensors'))), 'resumed from either file, to the last bit');
  assert.equal(json('train', '--resume', 'page.unroll', '--lane', '1', '--steps', '60', '--out', 'on.safetensors').steps, 60);

  let file = 'on.safetensors', step = 60;
  if (hasTorch) {
    const { status, stderr } = spawnSync(python, [join(root, 'examples', 'pytorch', 'train.py'), file, '--steps', '80', '--out', 'torch.safetensors'],
      { cwd: at('.'), encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    file = 'torch.safetensors';
    step = 80;
  }
  await playground.drop(file, readFileSync(at(file)));
  await playground.until('it is back', ({ lanes }) => lanes.length === 3 && lanes[2].step === step && lanes[2].prediction.step === step);
  assert.ok(difference((await pageSays(playground))[2], programSays(file)) < 1e-6, 'back on the page');
  playground.finish();
});
