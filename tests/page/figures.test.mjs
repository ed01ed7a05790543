// Many figures on a page: only those that are seen draw and train; the others give their graphics back, and have them again
// when they are seen; and no more lanes train than there are cores.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributeOf, call, useHost } from './host.mjs';
import { newVisitor, patience, useSite } from './site.mjs';

const site = useSite();
const host = useHost(site);
const experiment = { unroll: 1, data: { text: 'one two three four five six seven eight nine ten. '.repeat(40) }, lanes: [{ cell: 'rnn', hidden: 12 }], view: { autoplay: true, theme: 'light' } };

/** @typedef {import('playwright-core').Page} Page @typedef {import('playwright-core').Frame} Frame */

/** What a frame is at. @param {Frame} frame */
const look = (frame) => frame.evaluate(() => {
  const canvas = /** @type {HTMLCanvasElement|null} */ (document.getElementById('canvas'));  // null: it is not loaded
  const shown = (/** @type {string} */ id) => document.getElementById(id)?.hidden === false;
  const drawn = canvas?.classList.contains('drawn') ?? false;
  return {
    drawn, lost: window.unroll ? canvas?.getContext('webgl2')?.isContextLost() ?? true : true, panel: shown('failure') || shown('hold'),
    step: window.unroll?.state().step ?? 0, frames: window.unroll?.frames() ?? 0,
  };
});

/** @param {string} what @param {() => Promise<unknown>} condition */
async function until(what, condition) {
  for (const end = Date.now() + patience; !(await condition()); await new Promise((resolve) => setTimeout(resolve, 40)))
    assert.ok(Date.now() < end, what);
}

/** The n-th figure's frame, once it is there. @param {Page} page @param {number} n @returns {Promise<Frame>} */
async function frameOf(page, n) {
  /** @type {Frame|null|undefined} */ let frame;
  await until(`frame ${n}`, async () => {
    const inner = await page.locator('unroll-playground').nth(n).locator('iframe').elementHandle({ timeout: 1000 }).catch(() => null);
    frame = await inner?.contentFrame();
    return frame;
  });
  return /** @type {Frame} */ (frame);
}

/** Different colours in a figure's picture: a blank one has very few. @param {Page} page @param {number} n */
async function colours(page, n) {
  const picture = (await page.locator('unroll-playground').nth(n).screenshot()).toString('base64');
  const looker = await page.context().newPage();
  const count = await looker.evaluate(async (picture) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(picture), (symbol) => symbol.charCodeAt(0))], { type: 'image/png' }));
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d'));
    context.drawImage(bitmap, 0, 0);
    return new Set(new Uint32Array(context.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer)).size;
  }, picture);
  await looker.close();
  return count;
}

const show = (/** @type {Page} */ page, /** @type {number} */ n) =>
  page.evaluate((n) => document.querySelectorAll('unroll-playground')[n].scrollIntoView({ block: 'center' }), n);

test('twenty figures scrolled to the end and back: each is drawn and trains while it is seen, and rests without graphics when not', async () => {
  const many = 20;
  const figure = `<unroll-playground view="header curves" experiment="${attributeOf(experiment)}"></unroll-playground><div class="far"></div>`;
  const { page, problems } = await host.open(figure.repeat(many), { viewport: { width: 700, height: 600 } });
  /** @type {Frame[]} */ const frames = [];
  const alone = async (/** @type {number} */ n) => {
    await until(`figure ${n} is drawn and trains`, async () => {
      const { drawn, lost, step } = await look(frames[n]);
      return drawn && !lost && step > 0;
    });
    await until(`the others have given their graphics back beside figure ${n}`, async () => {
      const seen = await Promise.all(frames.map(look));
      assert.ok(seen.every(({ panel }) => !panel), 'a panel');
      return seen.every(({ drawn, lost }, at) => at === n || (lost && !drawn));
    });
  };
  for (let n = 0; n < many; ++n) {
    await show(page, n);
    frames.push(await frameOf(page, n));
    await until(`figure ${n}`, async () => (await look(frames[n])).step > 0);
  }
  await alone(many - 1);
  assert.ok((await colours(page, many - 1)) > 50, 'the last one is not blank');

  // Only what is seen works. Who is not seen may tell late what he did before, so this is looked at until it holds once.
  const steps = async () => (await Promise.all(frames.map(look))).map(({ step }) => step);
  await until('the last one trains, and the others rest', async () => {
    const before = await steps();
    await until('the last one trains on', async () => (await look(frames[many - 1])).step > before[many - 1] + 50);
    await new Promise((resolve) => setTimeout(resolve, 1300));  // the least that an unseen page tells its state in
    const after = await steps();
    return before.slice(0, -1).every((step, n) => step === after[n]);
  });

  for (let n = many - 1; n >= 0; --n) {
    await show(page, n);
    if (n % 5 === 0) await alone(n);
  }
  assert.ok((await colours(page, 0)) > 50, 'the first one is not blank');

  // A context that is taken away comes back.
  const [first] = frames;
  await first.evaluate(() => {
    const ends = /** @type {any} */ (document.getElementById('canvas')).getContext('webgl2').getExtension('WEBGL_lose_context');
    ends.loseContext();
    setTimeout(() => ends.restoreContext(), 300);
  });
  await until('it is lost', async () => (await look(first)).lost);
  const { frames: made } = await look(first);
  await until('it is drawn again', async () => {
    const { lost, frames } = await look(first);
    return !lost && frames > made + 2;
  });
  assert.ok((await colours(page, 0)) > 50, 'it is not blank');
  assert.deepEqual(problems.filter((text) => !/CONTEXT_LOST|context lost/i.test(text)), []);
});

const four = Array.from({ length: 4 }, () => ({ cell: 'rnn', hidden: 16 }));
const training = (/** @type {object[]} */ lanes) => `<unroll-playground load="eager" view="curves" experiment="${attributeOf({ ...experiment, lanes })}"></unroll-playground>`;

test('no more lanes train than there are cores, and every figure gets its turn', async () => {
  // A host of the playground's own site: frames of another one have no locks here (the next test).
  const { page } = await newVisitor(site, { viewport: { width: 700, height: 1600 } });
  await page.goto(host.page(training(four) + training(four.slice(0, 1)) + training(four)).replace('localhost', '127.0.0.1'));
  const frames = [await frameOf(page, 0), await frameOf(page, 1), await frameOf(page, 2)];
  const steps = (/** @type {Frame} */ frame) => frame.evaluate(() => window.unroll?.state().lanes?.map((/** @type {any} */ lane) => lane.step) ?? []);
  await until('all train', async () => (await Promise.all(frames.map(steps))).every((lanes) => lanes.length > 0 && lanes.every((/** @type {number} */ step) => step > 20)));
  const [held, cores] = await frames[0].evaluate(async () => {
    let most = 0;
    for (let n = 0; n < 50; ++n) {
      const { held = [] } = await navigator.locks.query();
      most = Math.max(most, held.filter(({ name }) => name?.startsWith('unroll core')).length);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return [most, navigator.hardwareConcurrency];
  });
  assert.ok(held > 0 && held <= cores, `${held} lanes at a time, ${cores} cores`);
  // What is asked of a lane that waits for its turn is answered meanwhile.
  assert.equal((await call(page, 'sample', ['one ', { length: 6, lane: 3 }])).length, 6);
  assert.equal((await call(page, 'pause', [], 2)).running, false);
});

test('where frames are refused locks, no more lanes train in a turn than there are cores, and every lane has turns', async () => {
  const { page } = await host.open(training(four) + training(four.slice(0, 1)), { viewport: { width: 700, height: 1100 } });
  const frame = await frameOf(page, 0);
  await until('both train', async () => (await Promise.all([frame, await frameOf(page, 1)].map(look))).every(({ step }) => step > 0));
  const { locks, cores, turns } = await frame.evaluate(async ([all, patience]) => {
    /** @type {Map<number, Set<string>>} by turn */ const turns = new Map();
    const channel = new BroadcastChannel('unroll lanes');
    channel.onmessage = ({ data: { lane, turn } }) => turn && turns.set(turn, (turns.get(turn) ?? new Set()).add(lane));
    const heard = () => new Set([...turns.values()].flatMap((lanes) => [...lanes])).size;
    for (const end = Date.now() + patience; (heard() < all || turns.size < 12) && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 50));
    const locks = await navigator.locks.request('any', () => 'given').catch(({ name }) => name);
    return { locks, cores: navigator.hardwareConcurrency, turns: [...turns.values()].map((lanes) => [...lanes]) };
  }, [5, patience]);
  assert.equal(locks, 'SecurityError');  // Chromium's private windows, as this is one, give none to frames of another site
  assert.equal(new Set(turns.flat()).size, 5, 'each lane has turns');
  for (const lanes of turns) assert.ok(lanes.length <= cores, `${lanes.length} lanes in a turn, ${cores} cores`);
});

test('a picture of a figure that is out of sight', async () => {
  const { page } = await host.open(`<div class="far"></div><unroll-playground load="eager" view="timeline" experiment="${attributeOf(experiment)}"></unroll-playground>`);
  const size = await page.evaluate(async () => {
    await customElements.whenDefined('unroll-playground');
    const element = /** @type {any} */ (document.querySelector('unroll-playground'));
    await element.ready;
    await new Promise((resolve) => setTimeout(resolve, 1200));  // its graphics are given back
    const { width, height } = await createImageBitmap(await element.picture());
    return [width, height];
  });
  assert.deepEqual(size, [600, 500]);
  await until('its graphics are given back again', async () => (await look(await frameOf(page, 0))).lost);
});
