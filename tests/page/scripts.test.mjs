// Texts in other scripts than Latin: drawn with the browser's fonts, each character in its own way, and bounded. The
// tests need no particular font: what no font here has is counted by the page, and not looked at.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf } from '../../web/page/hash.mjs';
import { Playground } from './playground.mjs';
import { newVisitor, useSite } from './site.mjs';

const site = useSite();

/** @param {string} text @param {object} view */
const experimentOn = (text, view) => ({
  unroll: 1,
  data: { text, valid: 0.1 },
  train: { batch: 2, seq_length: 8 },
  lanes: [{ cell: 'rnn', hidden: 8 }],
  view,
});

/** Hebrew, Arabic, Thai, Devanagari, Chinese, Korean, Greek, Cyrillic, and a private character that no font has. */
const letters = [...'אבابกขकख中文가나αβжя\ue000'];

/** The pictures of the text's first columns in the timeline. @param {Playground} playground @param {number} count */
async function columns(playground, count) {
  const tracks = await playground.box('timeline.tracks');
  const { column_width: width } = (await playground.state()).timeline;
  const clip = { x: tracks.x, y: tracks.y - 24, width: Math.ceil(width * count), height: 19 };
  const picture = (await playground.seen(() => playground.page.screenshot({ clip, scale: 'css' }))).toString('base64');
  return playground.page.evaluate(async ({ picture, width, count }) => {
    const bytes = Uint8Array.from(atob(picture), (symbol) => symbol.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
      canvas.getContext('2d', { willReadFrequently: true }));
    context.drawImage(bitmap, 0, 0);
    return Array.from({ length: count }, (_, i) =>
      context.getImageData(Math.round(i * width) + 1, 0, Math.floor(width) - 2, bitmap.height).data.join());
  }, { picture, width, count });
}

test('every character has a picture of its own, in each script', async () => {
  const text = letters.join('').repeat(20);
  const playground = await Playground.open(site, {
    experiment: experimentOn(text, { tab: 'timeline', probe: letters.join(''), theme: 'light' }),
  });
  // What the page says of the font here: those that none has are frames with their code point.
  await playground.until('the letters are drawn', (state) => state.glyphs.held + state.glyphs.missing >= 12);
  await playground.drawn(5);
  const pictures = await columns(playground, letters.length);
  const [blank] = (await columns(playground, letters.length + 3)).slice(-1);
  for (const [i, picture] of pictures.entries()) {
    assert.notEqual(picture, blank, `${letters[i]} is blank`);
    assert.equal(pictures.indexOf(picture), i, `${letters[i]} looks like ${letters[pictures.indexOf(picture)]}`);
  }
  const { glyphs } = await playground.state();
  assert.ok(glyphs.held >= 1, `nothing is drawn with the browser's fonts: ${JSON.stringify(glyphs)}`);
  assert.equal(glyphs.emptied, 0);
  playground.finish();
});

test('the painter: accents on their letters, words joined, colours kept, missing ones said', async () => {
  const { page } = await newVisitor(site);
  await page.goto(site.address);
  const { e, accented, space, unassigned, word, apart, emoji, ownColours } = await page.evaluate(async () => {
    const { GlyphPainter } = await import(new URL('glyphs.mjs', location.href).href);
    const painter = new GlyphPainter();
    const draw = (/** @type {string} */ text) => painter.draw(text, 24);
    // Some fonts have emoji as outlines. In one with colours they do not take the red that is asked for.
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(48, 48).getContext('2d'));
    [context.font, context.fillStyle] = ['24px monospace', '#f00'];
    context.fillText('\u{1F600}', 4, 36);
    const { data } = context.getImageData(0, 0, 48, 48);
    return {
      ownColours: data.some((value, i) => i % 4 === 1 && value > 50),
      e: draw('e'), accented: draw('e\u0301'), space: draw('\u3000'), unassigned: draw('\u0378'),
      word: draw('ببب'), apart: draw('ب\u200cب\u200cب'), emoji: draw('\u{1F600}'),
    };
  });
  assert.equal(unassigned, null);
  assert.equal(accented.advance, e.advance);
  assert.ok(accented.height > e.height, 'the accent stands above its letter');
  assert.equal(e.coloured, false);
  if (space) assert.deepEqual([space.width, space.height], [0, 0]);
  if (word && apart) assert.notDeepEqual(word.rgba, apart.rgba, 'the letters of a word are joined');
  if (emoji) assert.equal(emoji.coloured, ownColours);
});

test('every shader computes with highp, integers too', async () => {
  const visitor = await newVisitor(site);
  await visitor.page.addInitScript(() => {
    const { prototype } = WebGL2RenderingContext;
    const set = prototype.shaderSource;
    const sources = /** @type {string[]} */ ([]);
    Object.assign(window, { sources });
    prototype.shaderSource = function (shader, source) {
      sources.push(source);
      set.call(this, shader, source);
    };
  });
  const playground = new Playground(visitor);
  await visitor.page.goto(site.address + (await hashOf(JSON.stringify(experimentOn('abc '.repeat(200), { tab: 'timeline' })))));
  await playground.until('the timeline is drawn', (state) => state.timeline?.lanes?.[0]?.pictures?.surprise);
  const sources = await visitor.page.waitForFunction(() => {  // the shader of the heatmaps comes with the first one
    const { sources } = /** @type {any} */ (window);
    return sources.some((/** @type {string} */ source) => source.includes('ivec2')) && sources;
  });
  const all = /** @type {string[]} */ (await sources.jsonValue());
  for (const source of all) {
    assert.doesNotMatch(source, /\b(mediump|lowp)\b/);
    if (/\bivec|\bint /.test(source)) assert.match(source, /precision highp int;/);
  }
  playground.finish();
});

test('four thousand different characters: what has no room makes room, and nothing is drawn wrong', async (t) => {
  const text = Array.from({ length: 4000 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
  const playground = await Playground.open(site, {
    experiment: experimentOn(text.repeat(2), { tab: 'timeline', probe: text.slice(0, 100), theme: 'light' }),
    options: { viewport: { width: 400, height: 480 }, deviceScaleFactor: 5 },  // so large that all pages hold some hundreds
  });
  const { page } = playground;
  /** Draws until nothing more comes. */
  const settled = async () => {
    for (let last = ''; ; ) {
      await playground.drawn(5);
      await page.waitForTimeout(120);  // a newer state is published
      await playground.drawn();
      const { glyphs } = await playground.state();
      if (JSON.stringify(glyphs) === last) return glyphs;
      last = JSON.stringify(glyphs);
    }
  };
  const looks = async () => {
    const pictures = await columns(playground, 8);
    assert.equal(new Set(pictures).size, pictures.length, 'two characters look the same');
    return pictures;
  };
  await playground.until('columns are drawn', (state) => state.glyphs.held + state.glyphs.missing > 8);
  if ((await settled()).missing > 0) return t.skip('no font here has Chinese characters');
  const first = await looks();
  await playground.click('tab.predict');
  await playground.click('continue.length.value');
  await page.keyboard.type('400');
  await page.keyboard.press('Enter');
  let glyphs = await settled();
  for (let times = 0, text = ''; times < 6 && glyphs.emptied === 0; ++times) {
    await playground.click('continue');
    ({ lanes: [{ continuation: { text } }] } = await playground.until('it goes on', ({ lanes }) =>
      lanes[0].continuation.text && lanes[0].continuation.text !== text));
    glyphs = await settled();
    assert.ok(glyphs.pages <= 6, JSON.stringify(glyphs));
  }
  assert.ok(glyphs.emptied > 0, JSON.stringify(glyphs));
  await playground.click('tab.timeline');
  await page.mouse.move(2, 2);
  await settled();
  assert.deepEqual(await looks(), first);
  playground.finish();
});
