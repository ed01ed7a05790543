// What a screen reader is told: every Tab stop has words of its own, and the status line sums up how the lanes learn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { patience, useSite } from './site.mjs';

const site = useSite();

/** @param {object} view */
const experiment = (view, steps = 0) => ({
  unroll: 1,
  data: { text: 'Sphinx of black quartz, judge my vow. '.repeat(60), valid: 0.1 },
  train: { batch: 4, seq_length: 16, steps },
  lanes: [{ cell: 'lstm', hidden: 16 }, { cell: 'gru', hidden: 16 }],
  view: { autoplay: true, ...view },
});

/**
 * Tabs on, and waits until what has the focus has spoken: the status line for what the canvas draws, its accessible
 * name for an element. Returns null behind the last stop.
 * @param {Playground} playground @param {string} before
 * @returns {Promise<{id: string, words: string}|null>}
 */
async function next({ page }, before) {
  await page.evaluate(() => (/** @type {any} */ (document.getElementById('status')).textContent = ''));
  await page.keyboard.press('Tab');
  const found = await page.waitForFunction((before) => {
    const element = /** @type {HTMLElement} */ (document.activeElement ?? document.body);
    if (element.id !== 'canvas') {
      const id = element.id || element.dataset.action || 'page';
      return { id, words: element.getAttribute('aria-label') ?? element.textContent ?? '' };
    }
    const { focus } = window.unroll.state();
    const words = document.getElementById('status')?.textContent ?? '';
    return focus && focus !== before && words ? { id: `canvas ${focus}`, words } : null;
  }, before.replace('canvas ', ''), { timeout: patience }).catch(() => null);
  const stop = found && /** @type {{id: string, words: string}} */ (await found.jsonValue());
  assert.ok(stop, `a silent stop after ${before}`);
  return stop.id === 'page' ? null : stop;
}

for (const tab of ['predict', 'cell', 'step'])
  test(`no Tab stop is silent: ${tab}`, async () => {
    const playground = await Playground.open(site, { experiment: experiment({ tab }) });
    await playground.until('trained', (state) => everyLane(state, (lane) => lane.step >= 10));
    await playground.press('train');
    await playground.untilRunning(false);
    await playground.click('lane0.fold');
    await playground.place('lane0.hidden.value');
    await playground.page.locator('[data-action=help]').focus();
    /** @type {Map<string, string>} */ const stops = new Map();
    for (let stop = await next(playground, ''); stop; stop = await next(playground, stop.id)) {
      if (stops.has(stop.id)) break;  // the fields once more, behind the canvas
      assert.match(stop.words, /\p{L}{2}/u, `${stop.id} says “${stop.words}”`);
      stops.set(stop.id, stop.words);
    }
    assert.ok(stops.size > 60, [...stops.keys()].join(', '));
    if (tab !== 'predict') return;
    assert.match(stops.get('canvas train') ?? '', /^Train, button/);
    assert.match(stops.get('canvas open-file') ?? '', /^Data: Open a text file/);
    assert.equal(stops.get('canvas examples'), 'Built-in texts, list, Own text');
    assert.match(stops.get('canvas lane0.fold') ?? '', /Settings of LSTM 16, .* parameters, .*open/);
    assert.match(stops.get('canvas lane0.cell') ?? '', /Cell, list, lstm$/);
    assert.match(stops.get('canvas lane0.hidden.plus') ?? '', /Hidden units, more, button, 16/);
    assert.equal(stops.get('lane0.hidden.value'), 'Hidden units');
    assert.match(stops.get('canvas predict.lane0.0') ?? '', /\d%, append/);
    playground.finish();
  });

test('the status line says how the lanes do, politely; state under the focus is said when it changes', async () => {
  const playground = await Playground.open(site, { experiment: experiment({}, 10) });
  const { page } = playground;
  const status = page.locator('#status');
  assert.equal(await status.getAttribute('aria-live'), 'polite');
  await playground.says(/Paused at step 10\. Loss in nats: LSTM 16 \d\.\d{3}(, the lowest)?, GRU 16 \d\.\d{3}/);
  await playground.click('axis.linear');
  await page.keyboard.press('Tab');
  await playground.says(/log, Axis of the loss, not chosen$/);
  await page.keyboard.press('Enter');
  await playground.says(/^chosen$/);
  playground.finish();
});
