// Without a pointer: Tab walks through the buttons of the page, all controls that the canvas draws and the fields over
// them, and out again at both ends; what has the focus is seen and can be used.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { patience, useSite } from './site.mjs';

const site = useSite();

/** @param {object} view @param {import('playwright-core').BrowserContextOptions} [options] */
async function open(view, options) {
  const experiment = {
    unroll: 1,
    data: { text: 'Sphinx of black quartz, judge my vow. '.repeat(60), valid: 0.1 },
    train: { batch: 4, seq_length: 16 },
    lanes: [{ cell: 'lstm', hidden: 16 }, { cell: 'gru', hidden: 16 }],
    view: { autoplay: true, ...view },
  };
  const playground = await Playground.open(site, { experiment, options });
  await playground.until('trained', (state) => everyLane(state, (lane) => lane.step >= 10));
  await playground.press('train');
  await playground.untilRunning(false);
  return playground;
}

/**
 * "button step", "canvas train", "field text" or "page"; nothing while the canvas has not said yet what has the focus.
 * @param {Playground} playground
 */
const focus = (playground) => playground.page.evaluate(() => {
  const element = /** @type {HTMLElement} */ (document.activeElement ?? document.body);
  const { focus } = window.unroll.state();
  const isField = document.getElementById(focus)?.closest('#fields');
  if (element.id === 'canvas') return focus && !isField ? `canvas ${focus}` : '';
  if (element.closest('#fields')) return focus === element.id || !focus ? `field ${element.id}` : '';
  const place = element.dataset.action ? `button ${element.dataset.action}` : 'page';
  return focus ? '' : place;
});

/** Presses a key that moves the focus, and says where it is then. @param {Playground} playground @param {string} key */
async function walk(playground, key = 'Tab') {
  const before = await focus(playground);
  await playground.page.keyboard.press(key);
  for (const end = Date.now() + patience; Date.now() < end; await playground.page.waitForTimeout(25)) {
    const now = await focus(playground);
    if (now && now !== before) return now;
  }
  throw new Error(`${key} does not lead away from ${before}`);
}

/** @param {Playground} playground @param {string} last @param {string} [key] */
async function walkTo(playground, last, key) {
  const places = [await walk(playground, key)];
  while (places.at(-1) !== last && places.length < 150) places.push(await walk(playground, key));
  assert.equal(places.at(-1), last, places.join(', '));
  return places;
}

/**
 * Presses the control that has the focus, and waits for what that changes to be drawn.
 * @param {Playground} playground
 * @param {number} [delay] milliseconds until the key is let go
 */
async function use(playground, delay = 0) {
  await playground.page.keyboard.press('Enter', { delay });
  await playground.drawn(6);
}

test('Tab walks through the page, the header, all cards and their fields, and leaves; and back', async () => {
  const playground = await open({ tab: 'learn', hide: ['lanes', 'training', 'samples'] });
  const { actions } = await playground.state();
  const places = ['button train', ...(await walkTo(playground, 'page'))];  // it has the focus since it was pressed

  const buttons = actions.map((/** @type {any} */ { id }) => `button ${id}`);
  assert.deepEqual(places.slice(0, buttons.length), buttons);
  const drawn = places.filter((place) => place.startsWith('canvas ') || place.endsWith('.value'));
  assert.equal(new Set(drawn).size, drawn.length, `twice: ${drawn}`);
  const order = ['canvas train', 'canvas help', 'canvas tab.learn', 'canvas examples', 'field text', 'canvas valid.minus',
    'field valid.value', 'canvas curves.export', 'canvas axis.log', 'field prefix', 'canvas continue',
    'canvas timeline.tracks-menu', 'canvas timeline.lane1'];
  assert.deepEqual(order, places.filter((place, at) => order.includes(place) && places.indexOf(place) === at));
  const controls = Object.keys(await playground.page.evaluate(() => window.unroll.widgets()))
    .filter((id) => /\.(export|minus|plus|edit|lane\d)$|^(train|step|reset|new-seed|theme|share|help|tab\..*)$/.test(id));
  assert.ok(controls.length > 20);
  for (const id of controls) assert.ok(drawn.includes(`canvas ${id}`), `Tab does not come to ${id}`);
  const last = places.findLastIndex((place) => place.startsWith('canvas '));
  assert.deepEqual(places.slice(last + 1).sort(), ['field prefix', 'field text', 'page']);

  assert.match(await walk(playground, 'Shift+Tab'), /^field /);
  assert.match(await walk(playground, 'Shift+Tab'), /^field /);
  assert.equal(await walk(playground, 'Shift+Tab'), places[last]);
  assert.equal(await walk(playground, 'Shift+Tab'), places[last - 1]);
  playground.finish();
});

test('what has the focus is used by keys; fields take and give it on', async () => {
  const playground = await open({ tab: 'learn' });
  const { page } = playground;
  await page.locator('[data-action=lessons]').focus();
  assert.equal(await walk(playground), 'canvas train');
  assert.equal(await walk(playground, 'Shift+Tab'), 'button lessons');
  await walkTo(playground, 'field text');
  await page.keyboard.type('!');
  await playground.until('typed', (state) => state.experiment.data.text?.includes('!'));
  assert.equal(await walk(playground), 'canvas valid.minus');
  assert.equal(await walk(playground, 'Shift+Tab'), 'field text');
  await walkTo(playground, 'canvas valid.plus');
  const { valid } = (await playground.state()).text;
  await use(playground);
  await playground.until('one rung more', (state) => state.text.valid > valid);
  assert.equal(await walk(playground, 'Shift+Tab'), 'field valid.value');
  await page.keyboard.type('30');
  assert.equal(await walk(playground), 'canvas valid.plus');
  await playground.until('typed', ({ text }) => Math.round((100 * text.valid) / text.characters) === 30);
  playground.finish();
});

test('a menu keeps Tab until Escape closes it; Escape again, and Tab leaves the canvas', async () => {
  const playground = await open({ tab: 'learn' });
  await playground.click('timeline.tracks-menu');
  await playground.place('track.surprise');
  const first = await walk(playground);
  const places = await walkTo(playground, first);
  assert.ok(places.length > 5);
  for (const place of places) assert.match(place, /^canvas track\./);
  assert.ok(places.includes('canvas track.guesses.up'));
  assert.ok(!places.includes('canvas track.surprise.up'), 'the first one cannot go further up');
  const { keyboard } = playground.page;
  await keyboard.press('Escape');
  await playground.page.waitForFunction(() => !window.unroll.widgets()['track.surprise']);
  assert.equal(await walk(playground), 'canvas timeline.edit');
  await keyboard.press('Escape');
  assert.match(await walk(playground), /^field /);
  playground.finish();
});

for (const [width, height, first, last] of /** @type {[number, number, string, string][]} */ ([
  [1280, 560, 'lane0.fold', 'canvas curves.export'],
  [390, 640, 'tab.lanes', 'page'],
]))
  test(`at ${width} × ${height} Tab scrolls to what is out of sight`, async () => {
    const playground = await open({ tab: width > 600 ? 'learn' : 'lanes' }, { viewport: { width, height } });
    await playground.click(first);
    /** @type {object} */ let shown = {};
    /** @type {string[]} */ const scrolled = [];
    for (let place = ''; place !== last;) {
      place = await walk(playground);
      if (!place.startsWith('canvas ')) continue;
      const id = place.slice('canvas '.length);
      await playground.box(id);
      if (!(id in shown)) scrolled.push(id);
      if (id !== 'training.more') continue;
      await use(playground);
      shown = await playground.page.evaluate(() => window.unroll.widgets());
      scrolled.length = 0;
    }
    assert.ok(scrolled.includes('train.seed.plus'), `in sight without scrolling: ${Object.keys(shown)}`);
    playground.finish();
  });
