// Words by pen: strings of letters that have no places. What each lane reads is told for the held-out word and for what is written
// on the pad, with the blank's share; the words of the Examples card are whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

test('words: what is held out and what is on the pad is read as a string, and at first the blank is learned', async () => {
  const playground = await Playground.open(site, {
    experiment: {
      unroll: 1,
      data: { task: { name: 'words', letters: 3, distortion: 0.5 } },
      train: { batch: 4, rate: 0.02 },
      lanes: [{ cell: 'rnn', hidden: 8, rate: 0.005 }, { cell: 'lstm', hidden: 8 }],
    },
  });
  const before = await playground.until('the held-out word', (state) => everyLane(state, (lane) => lane.configured) &&
    state.answer?.lanes.length === 2 && state.answer.lanes.every((/** @type {any} */ lane) => lane?.target));
  const [rnn, lstm] = before.answer.lanes;
  assert.match(rnn.target, /^[a-z]{3}$/);
  assert.equal(lstm.target, rnn.target);
  assert.match(rnn.written, /^[a-z]*$/);
  assert.deepEqual(before.answer.right, []);  // nothing is asked at a place of its own
  await playground.press('train');
  await playground.until('the blank', (state) => state.lanes.every((/** @type {any} */ lane) => lane.score?.others.blank > 0.6));
  await playground.press('train');
  await playground.untilRunning(false);
  await playground.click('pad.example');
  const { answer } = await playground.until('the example on the pad', (state) => state.answer?.own?.text &&
    state.answer.own.lanes.every((/** @type {any} */ lane) => lane?.read === state.answer.own.text));
  for (const lane of answer.own.lanes) {
    assert.match(lane.verdict, /^(nothing|[a-z]+)$/);
    assert.ok(lane.verdict === 'nothing' || lane.way.endsWith(lane.verdict));
    assert.ok(lane.certain.length >= 15);
  }
  assert.ok(await playground.colours() > 20);
  playground.finish();
});
