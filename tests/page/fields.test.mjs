// What is typed arrives: numbers in real fields however slow the frames are, keys that engines name differently, texts
// that are being composed, limits, and texts with characters that no text has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playground, everyLane } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const experiment = {
  unroll: 1,
  data: { text: 'Sphinx of black quartz, judge my vow. '.repeat(60), valid: 0.1 },
  train: { batch: 4, seq_length: 16 },
  lanes: [{ cell: 'lstm', hidden: 16 }, { cell: 'gru', hidden: 16 }],
};

/** @param {object} [changes] @param {import('playwright-core').BrowserContextOptions} [options] */
const open = (changes = {}, options) => Playground.open(site, { experiment: { ...experiment, ...changes }, options });

/** The DOM id of what has the keyboard. @param {Playground} playground */
const keyboard = ({ page }) => page.evaluate(() => document.activeElement?.id ?? '');

/** Frames stand still until they are let go. @param {Playground} playground */
const holdFrames = ({ page }) => page.evaluate(() => {
  const real = window.requestAnimationFrame;
  /** @type {FrameRequestCallback[]} */ const held = [];
  window.requestAnimationFrame = (callback) => held.push(callback);
  Object.assign(window, {
    letFramesGo() {
      window.requestAnimationFrame = real;
      for (const callback of held) real(callback);
    },
  });
});
/** @param {Playground} playground */
const letFramesGo = ({ page }) => page.evaluate(() => /** @type {any} */ (window).letFramesGo());

test('numbers are typed without a frame being drawn meanwhile, also while lanes train', async () => {
  const playground = await open();
  const { page } = playground;
  await playground.press('train');
  await playground.until('some steps', (state) => everyLane(state, (lane) => lane.step > 5));
  const batch = await playground.place('train.batch.value'), length = await playground.place('train.seq_length.value');
  await holdFrames(playground);
  await page.mouse.click(batch.x, batch.y);
  assert.equal(await keyboard(playground), 'train.batch.value');
  await page.keyboard.type('12');
  await page.keyboard.press('Enter');
  await page.mouse.click(length.x, length.y);
  await page.keyboard.type('48');
  await page.mouse.click(batch.x, batch.y);
  await page.keyboard.press('Escape');
  await letFramesGo(playground);
  const { experiment: now } = await playground.until('both arrive',
    (state) => state.experiment.train.batch === 12 && state.experiment.train.seq_length === 48);
  assert.equal(now.train.rate ?? 0.003, 0.003);
  playground.finish();
});

test('Enter and Escape leave a number: Space trains, Tab goes on from there, Escape takes nothing over', async () => {
  const playground = await open();
  const { page } = playground;
  await playground.click('train.batch.value');
  const field = page.locator('[id="train.batch.value"]');
  assert.equal(await field.getAttribute('role'), 'spinbutton');
  assert.equal(await field.getAttribute('inputmode'), 'numeric');
  assert.equal(await field.getAttribute('aria-label'), 'Batch');
  assert.match(/** @type {string} */ (await field.getAttribute('title')), /^A whole number from 1 to \d+; steps to /);
  assert.equal(await page.locator('[id="train.rate.value"]').getAttribute('inputmode'), 'decimal');
  await page.keyboard.type('6');
  await page.keyboard.press('Enter');
  assert.equal(await keyboard(playground), 'canvas');
  await playground.until('entered', (state) => state.experiment.train.batch === 6);
  await page.keyboard.press('Space');
  await playground.untilRunning(true);
  await page.keyboard.press('Space');
  await playground.untilRunning(false);
  await page.keyboard.press('Tab');
  await playground.until('on from there', ({ focus }) => focus === 'train.batch.plus');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await playground.keyboardAt('train.seq_length.value');
  await page.keyboard.type('999');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await playground.until('past it', ({ focus }) => focus === 'train.seq_length.plus');
  await page.keyboard.press('Shift+Tab');
  await playground.keyboardAt('train.seq_length.value');
  await page.keyboard.press('ArrowUp');
  await playground.until('a rung up', (state) => state.experiment.train.seq_length === 24);
  await playground.shows('train.seq_length.value', '24');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await playground.until('two down', (state) => state.experiment.train.seq_length === 8);
  playground.finish();
});

test('what cannot be taken is said, visibly and in the status line', async () => {
  const playground = await open();
  const { page } = playground;
  for (const [typed, batch, words] of /** @type {[string, number, RegExp][]} */ ([
    ['5000', 256, /Batch: at most 256, not “5000”/],
    ['0', 1, /Batch: at least 1, not “0”/],
    ['many', 1, /Batch: “many” is no number; it stays at 1/],
    ['2,5', 3, /Batch: only whole numbers: 3, not “2,5”/],
  ])) {
    await playground.click('train.batch.value');
    await page.keyboard.type(typed);
    await page.keyboard.press('Enter');
    await playground.says(words);
    const state = await playground.until('taken', ({ experiment }) => (experiment.train.batch ?? 16) === batch);
    assert.deepEqual(state.problems, []);
    await playground.place('train.batch.note');
  }
  await playground.click('train.rate.value');
  await page.keyboard.type('0,0125');
  await page.keyboard.press('Enter');
  await playground.until('a comma', (state) => state.experiment.train.rate === 0.0125);
  playground.finish();
});

test('on a phone a tap brings the keyboard of numbers, a swipe from there scrolls', async () => {
  const options = { viewport: { width: 390, height: 480 }, hasTouch: true, isMobile: true };
  const playground = await open({ view: { tab: 'lanes' } }, options);
  const { page } = playground;
  await playground.tap('train.batch.value');
  await playground.keyboardAt('train.batch.value');
  assert.ok(await page.evaluate(() => navigator.userActivation.hasBeenActive));
  await page.keyboard.type('7');
  await page.keyboard.press('Enter');
  await playground.until('entered', (state) => state.experiment.train.batch === 7);
  const { x, y } = await playground.place('train.batch.value');
  const touch = await page.context().newCDPSession(page);
  for (const [type, up] of /** @type {['touchStart' | 'touchMove' | 'touchEnd', number][]} */ ([
    ['touchStart', 0], ['touchMove', 12], ['touchMove', 30], ['touchMove', 60], ['touchEnd', 60],
  ])) {
    await touch.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y: y - up }] });
    await playground.drawn(2);
  }
  assert.ok((await playground.place('train.batch.value')).y < y - 20);
  assert.equal(await keyboard(playground), 'canvas');
  playground.finish();
});

test('a tap on a text field that is cut off scrolls it into sight and gives it the keyboard', async () => {
  const options = { viewport: { width: 390, height: 400 }, hasTouch: true, isMobile: true };
  const playground = await open({ view: { tab: 'text' } }, options);
  const { page } = playground;
  const { y, height } = await playground.box('text');
  const field = page.locator('#text');
  assert.equal(await field.isVisible(), false, `drawn at ${y}, ${height} high: it is not cut off`);
  await playground.tap('text');
  await playground.keyboardAt('text');
  assert.ok((await playground.box('text')).y < y);
  await page.keyboard.type('zebra');
  await playground.until('typed', (state) => state.experiment.data.text?.includes('zebra'));
  playground.finish();
});

test('nothing leads away from a text that is being composed; keys count by their place where they have no name', async () => {
  const playground = await open();
  const { page } = playground;
  await page.locator('#text').focus();
  const fire = (/** @type {object} */ init) => page.evaluate((/** @type {any} */ init) => {
    const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init });
    document.activeElement?.dispatchEvent(event);
    return document.activeElement?.id;
  }, init);
  for (const key of ['Escape', 'Tab', 'Enter'])
    for (const composing of [{ isComposing: true }, { keyCode: 229 }])
      assert.equal(await fire({ key, code: key, ...composing }), 'text', `${key} ${JSON.stringify(composing)}`);
  assert.equal(await fire({ key: 'Unidentified', code: 'Escape' }), 'canvas');
  await page.locator('#text').focus();
  await playground.drawn(3);
  await fire({ key: 'Unidentified', code: 'Tab', shiftKey: true });
  const back = await playground.until('back', ({ focus }) => focus && focus !== 'text');
  await fire({ key: 'Tab', code: 'Tab' });
  await playground.keyboardAt('text');
  await playground.drawn(3);
  await fire({ key: 'Tab', code: 'Tab', shiftKey: true });
  await playground.until('the same way', ({ focus }) => focus === back.focus);

  const session = await page.context().newCDPSession(page);
  await page.locator('#text').focus();
  await page.keyboard.press('End');
  await session.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
  for (const key of ['Escape', 'Tab', 'Shift+Tab']) {
    await page.keyboard.press(key);
    assert.equal(await keyboard(playground), 'text', key);
  }
  await session.send('Input.insertText', { text: '日本' });
  await playground.until('composed', (state) => state.experiment.data.text?.includes('日本'));
  playground.finish();
});

test('a field at its limit takes what replaces as much', async () => {
  const playground = await open();
  const { page } = playground;
  const prefix = page.locator('#prefix');
  await prefix.fill('x'.repeat(2000));
  await page.keyboard.type('y');
  await playground.says(/Too long/, 'notice');
  assert.equal(await prefix.inputValue(), 'x'.repeat(2000));
  await prefix.press('Control+a');
  await page.keyboard.insertText('é'.repeat(1000));
  assert.equal(await prefix.inputValue(), 'é'.repeat(1000));
  await prefix.press('Control+a');
  await page.keyboard.insertText('é'.repeat(1001));
  assert.equal(await prefix.inputValue(), 'é'.repeat(1000), 'two bytes too many');
  playground.finish();
});

test('what a field shows, what is learned and what is saved are one text', async () => {
  const text = 'one\r\ntwo\rthree\u0001 and \u2400 '.repeat(20);
  const playground = await open({ data: { text } });
  const { page } = playground;
  const clean = text.replace(/\r\n?/g, '\n');
  const field = page.locator('#text');
  const same = async (/** @type {string} */ expected) => {
    const state = await playground.until('one text', ({ experiment, lanes }) =>
      experiment.data.text === expected && everyLane({ lanes }, (lane) => lane.configured));
    await playground.shows('text', expected);
    const symbols = [...new Set(expected)].sort().join('');
    await playground.until('learned', ({ lanes }) => everyLane({ lanes }, (lane) => lane.vocabulary === symbols));
    assert.deepEqual(state.problems, []);
  };
  await same(clean);
  await field.focus();
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText('a\0b');
  await playground.says(/NUL/, 'notice');
  await same(`${clean}ab`);
  await field.evaluate((/** @type {HTMLTextAreaElement} */ element) => {
    element.value = 'half \ud83d pairs and \r line\r\nends \0 '.repeat(9);
    element.dispatchEvent(new InputEvent('input', { bubbles: true }));
  });
  await same('half \ufffd pairs and \n line\nends  '.repeat(9));
  const before = await field.inputValue();
  await playground.drop('broken.txt', 'abc\0def');
  const { problems } = await playground.until('refused', (state) => state.problems.length > 0);
  assert.match(problems[0].what, /NUL/);
  assert.match(problems[0].where, /broken\.txt/);
  assert.equal(await field.inputValue(), before);
  playground.finish();
});
