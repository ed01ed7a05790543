// The desktop program keeps what its networks learn, and offers it at its next start: after SIGTERM, and after SIGKILL.
import assert from 'node:assert/strict';
import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
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
/** Where "Go on" stands in a window of this size, as on the page. */
const goOn = [1134, 77];

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

test('stopped by SIGTERM it keeps the last step, and its next start goes on from there', async () => {
  const program = await start({ ...experiment, view: { autoplay: true } }, true);
  await program.title(new RegExp(`Paused.* at step ${steps}$`));
  assert.equal(await program.end(), '');
  assert.equal((await newest()).step, steps);
  const next = await start(experiment, true);
  await next.title(/Ready/);
  await drawn();
  await act(['click', ...goOn]);
  assert.match(await next.title(/Paused/), new RegExp(`at step ${steps}$`));
  assert.equal(await next.end(), '');
});

test('killed while it trains it loses what came after the last saving, and nothing before', async () => {
  await rm(kept(), { recursive: true });
  const endless = { ...experiment, train: { batch: 4, seq_length: 16 } };
  const program = await start({ ...endless, view: { autoplay: true } }, true);
  await until(async () => (await newest()) !== null);
  await program.end('SIGKILL');
  const { step } = await newest();
  assert.ok(step > 0);
  const next = await start(endless, true);
  await next.title(/Ready/);
  await drawn();
  await act(['click', ...goOn]);
  assert.match(await next.title(/Paused/), new RegExp(`at step ${step}$`));
  assert.equal(await next.end(), '');
});
