// What of an experiment is a figure: any panel can be all of it, and be shown without being changed; the height that it wants
// follows from its width alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane, fox } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();
const lanes = [{ cell: 'rnn', hidden: 16 }, { cell: 'lstm', hidden: 12 }];
const views = ['data', 'lanes', 'training', 'curves', 'samples', 'timeline', 'predict', 'memory', 'cell', 'gates', 'weights', 'step'];
/** Views whose card is called otherwise. @type {Record<string, string>} */
const cards = { step: 'one_step' };

/** The height that it wants, once it stays the same. @param {Playground} playground @returns {Promise<number>} */
const wants = (playground) => playground.still((state) => state.host.height);

test('every view can be the whole figure, to its edges, at 640 and at 360; its height does not depend on the window’s', async () => {
  const playground = await Playground.open(site, { experiment: fox(lanes) });
  const { page } = playground;
  for (const width of [640, 360]) {
    for (const view of views) {
      await page.setViewportSize({ width, height: 500 });
      await page.evaluate((json) => (location.hash = encodeURIComponent(json)), JSON.stringify(fox(lanes, { view: { show: [view] } })));
      await playground.until(`${view} is shown`, (state) => state.experiment.view.show?.join() === view && everyLane(state, (lane) => lane.configured));
      const height = await wants(playground);
      await page.setViewportSize({ width, height });
      assert.equal(await wants(playground), height, `${view} at ${width} follows its own height`);
      const box = await playground.box(`panel.${cards[view] ?? view}`);
      const told = `${view} at ${width} × ${height}: ${JSON.stringify(box)}`;
      assert.ok(box.x <= 9 && box.x + box.width >= width - 9, told);
      if (width === 640) {
        assert.ok(box.y <= 1 && Math.abs(box.y + box.height - height) <= 14, told);
        assert.ok(box.x <= 1 && box.x + box.width >= width - 1, told);
      } else {
        assert.ok(box.y < 60 && height - (box.y + box.height) < 24, told);
      }
      const widgets = await page.evaluate(() => Object.keys(window.unroll.widgets()));
      assert.deepEqual(widgets.filter((id) => id === 'train' || id.startsWith('tab.')), [], told);
    }
  }
  playground.finish();
});

test('the bar and one view, and a single track of the timeline', async () => {
  const playground = await Playground.open(site, {
    experiment: fox(lanes, { view: { show: ['header', 'timeline'], tracks: ['surprise'] } }), options: { viewport: { width: 640, height: 400 } },
  });
  const one = await wants(playground);
  await playground.box('train');
  await playground.page.evaluate((json) => (location.hash = encodeURIComponent(json)),
    JSON.stringify(fox(lanes, { view: { show: ['header', 'timeline'], tracks: ['surprise', 'guesses', 'h'] } })));
  await playground.until('three tracks', (state) => state.experiment.view.tracks?.length === 3);
  assert.ok((await wants(playground)) > one + 60);
  playground.finish();
});

test('what is locked is shown and cannot be changed, by pointer, keys, buttons and files', async () => {
  const playground = await Playground.open(site, { experiment: fox(lanes, { view: { lock: ['header', 'data', 'training'] } }) });
  const { page } = playground;
  const before = await playground.state();
  await playground.box('train.rate');
  await playground.click('train');
  await page.locator('#canvas').focus();
  await page.keyboard.press(' ');
  await page.locator('[data-action=step]').press('Enter');
  const { x, y } = await playground.place('train.rate');
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 60, y, { steps: 4 });
  await page.mouse.up();
  assert.equal(await page.locator('#text').isVisible(), false);
  await playground.drop('mine.txt', 'a text of my own. '.repeat(20));
  const after = await playground.until('the file is refused', (state) => state.problems.length > 0);
  assert.match(after.problems[0].what, /keeps to its own data/);
  await playground.drawn(3);
  const { step, running, experiment } = await playground.state();
  assert.deepEqual([step, running, experiment], [0, false, before.experiment]);
  playground.finish();
});
