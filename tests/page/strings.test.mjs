// Spoken strings on the page: chosen from the list they come with digits that machines say; each lane's string is told, and becomes right.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

test('strings: from the menu to digits that were trained on a little, and are told as strings', async () => {
  const playground = await Playground.open(site, { experiment: { unroll: 1, lanes: [{ cell: 'rnn', hidden: 8 }] } });
  await playground.chooseTask('strings');
  const before = await playground.until('a string that is held out', (state) => state.lanes.length === 2 && everyLane(state, (lane) => lane.configured) &&
    state.experiment.data.task.name === 'strings' && state.answer?.lanes.length === 2 && state.answer.lanes.every((/** @type {any} */ lane) => lane?.target));
  assert.equal(before.experiment.data.example, 'strings');
  const [rnn, gru] = before.answer.lanes;
  assert.match(rnn.target, /^\d{3,6}$/);
  assert.equal(gru.target, rnn.target);
  assert.match(gru.written, /^\d*$/);
  await playground.press('train');
  const { lanes } = await playground.until('a score', (state) => state.lanes.some((/** @type {any} */ lane) => lane.score?.step > 0));
  const { score } = lanes.find((/** @type {any} */ lane) => lane.score?.step > 0);
  assert.equal(score.better, 'lower');
  assert.ok(score.value <= 2 && score.others['error along the likeliest path'] <= 2);
  await playground.press('train');
  await playground.untilRunning(false);
  assert.ok(await playground.colours() > 20);
  playground.finish();

  // Whoever gets this experiment as a document opens the same strings.
  const again = await Playground.open(site, { experiment: before.experiment });
  const { answer, problems } = await again.until('the same string', (state) => state.answer?.lanes.length === 2 && state.answer.lanes.every((/** @type {any} */ lane) => lane?.target));
  assert.equal(answer.lanes[0].target, rnn.target);
  assert.deepEqual(problems, []);
  again.finish();
});
