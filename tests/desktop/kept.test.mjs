// The desktop program keeps what its networks learn in the user's data folder: the last step when it is asked to end, and what was saved on
// the way when it is killed. (What a start makes of these files: tests/web/desktop_kept_test.cpp.)
import assert from 'node:assert/strict';
import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { lanesIn } from '../page/saved.mjs';
import { act, drawn, folder, start, useScreen } from './screen.mjs';

useScreen();

const steps = 30;
const experiment = {
  unroll: 1,
  data: { text: 'the quick brown fox jumps over the lazy dog. '.repeat(40) },
  train: { batch: 4, seq_length: 16, steps },
  lanes: [{ cell: 'rnn', hidden: 32 }, { cell: 'lstm', hidden: 16 }],
};
const kept = () => path.join(folder(), 'data', 'unroll', 'kept');

/** Where the button stands in a window of this size. */
const goOn = [995, 28];

/** What the newest generation says of itself; null: there is none. */
async function newest() {
  const names = (await readdir(kept()).catch(() => [])).filter((name) => name.endsWith('.json'));
  const all = await Promise.all(names.map(async (name) => JSON.parse(JSON.parse(await readFile(path.join(kept(), name), 'utf8')).about)));
  return all.sort((a, b) => b.step - a.step)[0] ?? null;
}

/** @param {() => Promise<boolean>} there */
async function until(there) {
  for (const end = Date.now() + 60000; !(await there()); await new Promise((resolve) => setTimeout(resolve, 50)))
    assert.ok(Date.now() < end, 'it did not come');
}

test('stopped by SIGTERM it keeps the last step', async () => {
  const program = await start({ ...experiment, view: { autoplay: true } }, true);
  await program.title(new RegExp(`Paused.* at step ${steps}$`));
  assert.equal(await program.end(), '');
  assert.equal((await newest()).step, steps);
});

/** The lanes' checkpoints in the newest saving, each as one would save it alone; and its number. */
async function lanesOfNewest() {
  const number = (/** @type {string} */ name) => Number(/(\d+)\.unroll$/.exec(name)?.[1]);
  const files = (await readdir(kept())).filter((name) => name.endsWith('.unroll')).sort((a, b) => number(a) - number(b));
  const file = await readFile(path.join(kept(), /** @type {string} */ (files.at(-1))));
  return { lanes: lanesIn(file), number: number(/** @type {string} */ (files.at(-1))) };
}

test('killed while it trains it leaves a saving, which the next start offers, and goes on with when asked', async () => {
  await rm(kept(), { recursive: true });
  const endless = { ...experiment, train: { batch: 4, seq_length: 16 } };
  const program = await start({ ...endless, view: { autoplay: true } }, true);
  // The first saving may be made while a lane is still on its way; the next one, with it, does not wait for its period.
  await until(async () => (await newest()) !== null && (await lanesOfNewest()).lanes.filter(Boolean).length === 2);
  await program.end('SIGKILL');
  const { step } = await newest();
  assert.ok(step > 0);
  const next = await start(endless, true);
  await next.title(/Ready/);
  await drawn();
  const before = await lanesOfNewest();
  assert.equal((await newest()).step, step, 'unasked nothing is opened, and nothing is kept anew');
  await act(['click', ...goOn]);
  await next.title(new RegExp(`at step ${step}$`));
  assert.equal(await next.end(), '');
  assert.equal((await newest()).step, step);
  const after = await lanesOfNewest();
  assert.equal(after.number, before.number + 1, 'a saving of its own');
  for (const i of [0, 1]) assert.ok(after.lanes[i].equals(before.lanes[i]), `lane ${i + 1} is the same, to the last bit`);
});
