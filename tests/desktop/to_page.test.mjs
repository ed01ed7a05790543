// An experiment on its way: trained on the page; opened, trained on and saved in the desktop program; and opened on the page again. At each
// station its networks are those of the one before, to the last bit, and the steps are those that the command line would have done.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { at, json } from '../cli/program.mjs';
import { Playground, everyLane } from '../page/playground.mjs';
import { lanesIn, saveWhole } from '../page/saved.mjs';
import { useSite } from '../page/site.mjs';
import { act, drawn, folder, rest, screenshot, size, start, useScreen } from './screen.mjs';

useScreen();
const site = useSite();

/** Steps. */
const onPage = 4, last = 7;
const experiment = {
  unroll: 1,
  data: { text: 'Pack my box with five dozen liquor jugs. '.repeat(40), valid: 0.1 },
  train: { batch: 4, seq_length: 16, rate: 0.01, seed: 3 },
  lanes: [{ cell: 'rnn', hidden: 24 }, { cell: 'lstm', hidden: 16, layers: 2 }],
};

/** Where things stand in a window of this size: as on the page, whose tests ask it (window.unroll.widgets()). */
const places = { save: [1152, 28], experiment: [1072, 106] };

/** @param {Buffer[]} lanes @param {Buffer[]} those @param {string} what */
function same(lanes, those, what) {
  assert.equal(lanes.length, experiment.lanes.length);
  lanes.forEach((lane, i) => assert.ok(lane.equals(those[i]), `lane ${i + 1} is not the same: ${what}`));
}

/** What follows a .safetensors file's header, which says among others up to which step one trains. @param {Buffer} file */
const tensors = (file) => file.subarray(8 + Number(file.readBigUInt64LE()));

/** Saves the experiment in the desktop program. @param {number} step */
async function saveThere(step) {
  const file = path.join(folder(), `unroll-step-${step}.unroll`);
  // A panel opens when the program gets to draw it, and a click where none is yet hits what lies below: one tries again.
  for (const end = Date.now() + 60000; Date.now() < end; ) {
    const { bytes } = await screenshot();
    await act(['click', ...places.save]);
    for (const opens = Date.now() + 5000; Date.now() < opens && bytes.equals((await screenshot()).bytes); ) await rest(100);
    await act(['click', ...places.experiment]);
    for (const saves = Date.now() + 5000; Date.now() < saves; await rest(100)) {
      const saved = await readFile(file).catch(() => Buffer.alloc(0));
      if (saved.includes('PK\x05\x06', saved.length - 22, 'latin1')) return saved;
    }
    await act(['chord', 'Escape']);
  }
  throw new Error(`${file} was not saved`);
}

test('from the page to the desktop program, trained on there, and back on the page', async () => {
  const playground = await Playground.open(site, { experiment });
  for (let step = 1; step <= onPage; ++step) {
    await playground.press('step');
    await playground.until('a step', (state) => !state.running && everyLane(state, (lane) => lane.step === step));
  }
  const here = (await saveWhole(playground)).bytes;

  const program = await start(here);
  await program.title(new RegExp(`at step ${onPage}$`));
  await drawn();
  same(lanesIn(await saveThere(onPage)), lanesIn(here), 'opened and saved there');
  await act(['chord', 'Escape'], ['click', size.width / 2, size.height - 4]);
  for (let step = onPage + 1; step <= last; ++step) {
    await act(['chord', 's']);
    await program.title(new RegExp(`Paused.* at step ${step}$`));
  }
  const there = await saveThere(last);
  assert.equal(await program.end(), '');

  await playground.press('reset');
  await playground.until('reset', (state) => everyLane(state, (lane) => lane.step === 0));
  await playground.drop('there.unroll', there);
  await playground.until('it is back', (state) => everyLane(state, (lane) => lane.step === last && lane.prediction.step === last));
  same(lanesIn((await saveWhole(playground)).bytes), lanesIn(there), 'opened and saved on the page');
  playground.finish();

  writeFileSync(at('here.unroll'), here);
  const alone = lanesIn(there).map((_, lane) => {
    json('train', '--resume', 'here.unroll', '--lane', String(lane), '--steps', String(last), '--out', 'lane.safetensors');
    return tensors(readFileSync(at('lane.safetensors')));
  });
  same(alone, lanesIn(there).map(tensors), 'trained on by the command line');
});
