// The desktop program on a virtual screen: it starts, trains, says so in its title, and its window is not blank.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { root } from '../browser.mjs';
import { act, drawn, env, folder, rest, screenshot, size, start, useScreen } from './screen.mjs';

useScreen();

const steps = 30;
const experiment = {
  unroll: 1,
  data: { text: 'the quick brown fox jumps over the lazy dog. '.repeat(40) },
  train: { batch: 4, seq_length: 16, steps },
  lanes: [{ cell: 'rnn', hidden: 32 }, { cell: 'lstm', hidden: 16 }],
};

test('it waits for the learner, and its window is not blank', async () => {
  const program = await start(experiment);
  await program.title(/Ready/);
  const picture = await drawn();
  assert.ok(picture.colours > 100, `${picture.colours} colours`);
  assert.ok(picture.commonest < 0.97, `${picture.commonest} of the picture has one colour`);
  assert.equal(await program.end(), '');
});

test('a directory or a file that is not there is named, and the exit code is 2', async () => {
  for (const [path, reason] of [[folder(), /is a directory/], [`${folder()}/nothing.txt`, /does not exist/]]) {
    const { code, stderr } = await promisify(execFile)(`${root}/build/native/unroll-desktop`, [String(path)], { env: env() })
      .catch((error) => error);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /** @type {RegExp} */ (reason));
    assert.ok(stderr.includes(String(path)), stderr);
  }
});

test('it trains to the last step, and the picture follows', async () => {
  const waiting = await start(experiment);
  await waiting.title(/Ready/);
  const before = await drawn();
  await waiting.end();
  const program = await start({ ...experiment, view: { autoplay: true } });
  assert.match(await program.title(/Paused/), new RegExp(`at step ${steps}$`));
  const after = await drawn();
  assert.ok(!after.bytes.equals(before.bytes), 'the picture is the same as before training');
  assert.equal(await program.end(), '');
});

// Where things stand in a window of this size: as on the page, whose tests ask it (window.unroll.widgets()).
const places = { formula: [1070, 122], equations: [540, 400], train: [711, 158], save: [1234, 122], table: [1137, 186] };

test('a cell of one’s own is opened, edited by keyboard and trained; its table is in the words of the new equations', async () => {
  const program = await start({
    ...experiment,
    cells: ['cell mine\nstate h\nwas = lin(x) + diag(h[t-1])\nh = tanh(was)\n'],
    lanes: [{ cell: 'mine', hidden: 16 }],
    view: { tab: 'cell', theme: 'light' },
  });
  await program.title(/Ready/);
  await drawn();
  // A menu opens when the program gets to draw it, and a click where none is yet hits the picture below: one tries again.
  const table = async () => {
    const file = path.join(folder(), 'unroll-cell-step-0.csv');
    for (const end = Date.now() + 60000; Date.now() < end; ) {
      const { bytes } = await screenshot();
      await act(['click', ...places.save]);
      for (const opens = Date.now() + 5000; Date.now() < opens && bytes.equals((await screenshot()).bytes); ) await rest(100);
      await act(['click', ...places.table]);
      for (const saves = Date.now() + 5000; Date.now() < saves; await rest(100)) {
        const text = await readFile(file, 'utf8').catch(() => '');
        if (!text.endsWith('\r\n')) continue;
        await rm(file);
        return text.split('\r\n')[0].split(',');
      }
    }
    throw new Error('no table was saved');
  };
  assert.ok((await table()).includes('was'));
  await act(['click', ...places.formula], ['click', ...places.equations], ['chord', 'Control_L', 'a'],
    ['type', 'cell other\nstate h\nnow = lin(x) + diag(h[t-1])\nh = relu(now)\n'], ['click', ...places.train]);
  let names = await table();
  for (let i = 0; i < 20 && !names.includes('now'); ++i) names = await table();  // the lane is being set up
  assert.ok(names.includes('now') && !names.includes('was'), names.join());
  await act(['click', size.width / 2, size.height - 4], ['chord', 'space']);
  assert.match(await program.title(/Paused/), new RegExp(`at step ${steps}$`));
  assert.equal(await program.end(), '');
});
