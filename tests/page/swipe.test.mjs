// A finger reaches the end of every tab on a phone, however many lanes there are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf } from '../../web/page/hash.mjs';
import { Playground } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const tabs = ['learn', 'timeline', 'predict', 'memory', 'cell', 'gates', 'weights', 'step', 'text', 'lanes'];
const cells = ['lstm', 'gru', 'rnn', 'lstm', 'gru', 'rnn', 'lstm', 'gru'];

/** @param {number} lanes @param {string} tab */
const experimentOf = (lanes, tab) => ({
  unroll: 1,
  data: { text: 'the cat sat on the mat. '.repeat(40) },
  train: { batch: 2, seq_length: 8, seed: lanes },
  lanes: cells.slice(0, lanes).map((cell) => ({ cell, hidden: 4 })),
  view: { tab, probe: 'the cat', tracks: ['surprise', 'guesses', 'c', 'h', 'f'] },
});

for (const [width, height, counts] of /** @type {[number, number, number[]][]} */ ([[390, 844, [1, 8]], [320, 568, [2, 8]]]))
  test(`every tab is swiped to its end at ${width} × ${height}`, async () => {
    const options = { viewport: { width, height }, hasTouch: true, isMobile: true };
    const playground = await Playground.open(site, { experiment: experimentOf(1, 'learn'), options });
    const { page } = playground;
    const client = await page.context().newCDPSession(page);
    const touch = (/** @type {string} */ type, /** @type {number} */ y) =>
      client.send('Input.dispatchTouchEvent', /** @type {any} */ ({ type, touchPoints: type === 'touchEnd' ? [] : [{ x: 30, y }] }));
    const atEnd = () => page.evaluate(() => 'column.end' in window.unroll.widgets());
    /**
     * From the lower part of the tab, above the room for edits that wait, to its top; beside the fields, which are the
     * browser's own.
     */
    const swipe = async () => {
      const from = height - 56 - 64 - 60;
      await touch('touchStart', from);
      await playground.drawn();
      for (const share of [0.9, 0.5, 0.1]) {
        await touch('touchMove', 70 + (from - 70) * share);
        await playground.drawn();
      }
      await touch('touchEnd', 70);
      await playground.drawn(2);
    };
    const stuck = [];
    for (const lanes of counts)
      for (const tab of tabs) {
        const hash = await hashOf(JSON.stringify(experimentOf(lanes, tab)));
        await page.evaluate((hash) => (location.hash = hash), hash);
        await playground.until(`${lanes} lanes, ${tab}`, (state) =>
          state.tab === tab && state.lanes.length === lanes &&
          state.lanes.every((/** @type {any} */ lane) => lane.configured));
        await playground.drawn(2);
        let swipes = 0;
        while (!(await atEnd()) && swipes++ < 30) await swipe();
        if (!(await atEnd())) stuck.push(`${tab} with ${lanes} lanes`);
      }
    assert.deepEqual(stuck, []);
    playground.finish();
  });
