// The desktop program keeps what its networks learn in the user's data folder: the last step when it is asked to end, and what was saved on
// the way when it is killed. (What a start makes of these files: tests/web/desktop_kept_test.cpp.)
import assert from 'node:assert/strict';
import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { folder, start, useScreen } from './screen.mjs';

useScreen();

const steps = 30;
const experiment = {
  unroll: 1,
  data: { text: 'the quick brown fox jumps over the lazy dog. '.repeat(40) },
  train: { batch: 4, seq_length: 16, steps },
  lanes: [{ cell: 'rnn', hidden: 32 }, { cell: 'lstm', hidden: 16 }],
};
const kept = () => path.join(folder(), 'data', 'unroll', 'kept');

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

test('killed while it trains it leaves a saving that the next start does not touch', async () => {
  await rm(kept(), { recursive: true });
  const endless = { ...experiment, train: { batch: 4, seq_length: 16 } };
  const program = await start({ ...endless, view: { autoplay: true } }, true);
  await until(async () => (await newest()) !== null);
  await program.end('SIGKILL');
  const { step } = await newest();
  assert.ok(step > 0);
  const next = await start(endless, true);
  await next.title(/Ready/);
  assert.equal(await next.end(), '');
  assert.equal((await newest()).step, step);
});
