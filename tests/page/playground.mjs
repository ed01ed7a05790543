// Drives the playground as a visitor does: real pointer and keys at the places where the widgets stand, and what the
// page says it shows (window.unroll) to look at the outcome.
import assert from 'node:assert/strict';
import { hashOf } from '../../web/page/hash.mjs';
import { newVisitor, patience } from './site.mjs';

/** @param {any} state @param {(lane: any) => boolean} condition */
export const everyLane = (state, condition) => state.lanes.every(condition);

/** An experiment on a small text, for tests that need just some. @param {object[]} lanes @param {object} [parts] others */
export const fox = (lanes, parts = {}) => ({
  unroll: 1,
  data: { text: 'The quick brown fox jumps over the lazy dog. '.repeat(40), valid: 0.1 },
  lanes,
  ...parts,
});

/** @param {any} state what a failed test wants to know of it */
function summary({ running, changed, step, problems, text, lanes = [] }) {
  const facts = lanes.map((/** @type {any} */ { configured, running, step, diverged, smooth, prediction }) =>
    ({ configured, running, step, diverged, smooth, prefix: prediction.prefix }));
  return JSON.stringify({ running, changed, step, problems, text, lanes: facts });
}

/**
 * Draws, until as many frames as are asked for have begun and ended from now on.
 * @param {import('playwright-core').Page|import('playwright-core').Frame} page @param {number} frames
 */
export const drawn = (page, frames) => page.evaluate(async (frames) => {
  for (const last = window.unroll.frames() + frames; window.unroll.frames() < last; ) {
    document.dispatchEvent(new Event('visibilitychange')); // wakes the loop
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}, frames);

const escaped = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export class Playground {
  /** @param {import('./site.mjs').Visitor} visitor @param {{pictures?: boolean, leave?: () => void}} [visit] leave: it went well */
  constructor({ page, problems }, { pictures = true, leave = () => {} } = {}) {
    this.page = page;
    this.problems = problems;
    this.pictures = pictures;
    this.leave = leave;
  }

  /**
   * A first visit.
   * @param {import('./site.mjs').Site} site
   * @param {import('./site.mjs').Wishes & {experiment?: object, hash?: string, fresh?: boolean, prepare?: () => void}} [wishes]
   *   pictures: for tests of the drawing itself, or of its speed; whoever looks at a picture does so in `seen`; fresh: in a page of its own, for what a page keeps beyond a visit
   *   (the network switched off, …); prepare: runs in the page before everything else
   */
  static async open(site, { experiment, hash, options, pictures = false, fresh = false, keeps, prepare } = {}) {
    const visitor = await site.visit({ options, pictures, keeps, fresh: fresh || keeps || prepare !== undefined });
    const playground = new Playground(visitor, { pictures, leave: () => site.giveBack(visitor) });
    if (prepare) await playground.page.addInitScript(prepare);
    await playground.page.goto(site.address + (experiment ? await hashOf(JSON.stringify(experiment)) : hash ?? ''));
    await playground.until('the lanes are configured', (state) =>
      state.lanes?.length > 0 && everyLane(state, (lane) => lane.configured));
    return playground;
  }

  /** What the page says it shows. As text, which travels in a tenth of the time of the object. @returns {Promise<any>} */
  async state() {
    return JSON.parse(await this.page.evaluate(() => JSON.stringify(window.unroll.state())));
  }

  /**
   * The first published state that fulfils the condition.
   * @param {string} what for the message when it does not happen
   * @param {(state: any) => boolean} condition
   * @param {number} [timeout] milliseconds
   */
  async until(what, condition, timeout = patience) {
    const begin = Date.now();
    const end = begin + timeout;
    for (;;) {
      const calm = Date.now() - begin > 400;  // site.mjs
      const state = JSON.parse(await this.page.evaluate((calm) => {
        Object.assign(window, { calm });
        return JSON.stringify(window.unroll?.state() ?? {});
      }, calm));
      if (condition(state)) {
        if (calm) await this.page.evaluate(() => void Object.assign(window, { calm: false }));
        return state;
      }
      if (Date.now() > end) {
        const panel = this.page.locator('#failure');
        const failure = (await panel.isVisible()) ? await panel.innerText() : '';
        throw new Error([`not within ${timeout} ms: ${what}`, failure, ...this.problems, summary(state)].join('\n'));
      }
      await this.page.waitForTimeout(50);
    }
  }

  /**
   * What a part of the state is when it has come to rest: equal in three looks, between which frames are drawn and a newer
   * state is published. For after a drag, whose last place comes some frames after the pointer.
   * @template T
   * @param {(state: any) => T} pick @returns {Promise<T>}
   */
  async still(pick) {
    for (let last = '', same = 0, end = Date.now() + patience; ; ) {
      await this.drawn(2);
      await this.page.waitForTimeout(160);
      await this.drawn();
      const picked = pick(await this.state());
      const now = JSON.stringify(picked);
      same = now === last ? same + 1 : 0;
      last = now;
      if (same === 2) return picked;
      if (Date.now() > end) throw new Error(`does not come to rest: ${now}`);
    }
  }

  // What the page's elements show follows the state: the program says it in a frame, and the page does it later.

  /** Waits until a field of the page shows this. @param {string} id @param {string|RegExp} value */
  async shows(id, value) {
    const { source, flags } = value instanceof RegExp ? value : { source: `^${escaped(value)}$`, flags: '' };
    await this.page.waitForFunction(([id, source, flags]) =>
      new RegExp(source, flags).test(/** @type {HTMLInputElement} */ (document.getElementById(id)).value), [id, source, flags]);
  }
  /** Waits until an element says this: by default the status line. @param {RegExp} text @param {string} [id] */
  async says({ source, flags }, id = 'status') {
    await this.page.waitForFunction(([id, source, flags]) => {
      const element = document.getElementById(id);
      return element && !element.hidden && new RegExp(source, flags).test(element.textContent ?? '');
    }, [id, source, flags]);
  }
  /** Waits until an element has the keyboard. @param {string} id */
  async keyboardAt(id) {
    await this.page.waitForFunction((id) => document.activeElement?.id === id, id);
  }

  /** Drops a file on the page. @param {string} name @param {Uint8Array|string} content */
  async drop(name, content) {
    const part = typeof content === 'string' ? content : [...content];
    await this.page.evaluate(({ name, part }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([typeof part === 'string' ? part : new Uint8Array(part)], name));
      document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: transfer }));
    }, { name, part });
  }

  /** Draws, until as many frames as are asked for have begun and ended from now on. */
  drawn(frames = 1) {
    return drawn(this.page, frames);
  }

  /**
   * The rectangle of a widget that the canvas draws, once it stands still: a menu grows with the answers that come in,
   * and takes some frames for it.
   * @param {string} id
   */
  async box(id) {
    let still = 0;
    let last = '';
    for (const end = Date.now() + patience; ; await this.drawn()) {
      const now = JSON.stringify((await this.page.evaluate((id) => window.unroll.widgets()[id], id)) ?? null);
      still = now !== 'null' && now === last ? still + 1 : 0;
      last = now;
      if (still === 2) break;
      if (Date.now() > end) throw new Error(`${id} ${last === 'null' ? 'is not shown' : 'does not stand still'}`);
    }
    const [x, y, width, height] = /** @type {number[]} */ (JSON.parse(last));
    return { x, y, width, height };
  }

  /**
   * A place within a widget, by default its centre.
   * @param {string} id
   * @param {[number, number]} [share] of its width and of its height
   */
  async place(id, share = [0.5, 0.5]) {
    const { x, y, width, height } = await this.box(id);
    return { x: x + width * share[0], y: y + height * share[1] };
  }
  /** @param {string} id @param {[number, number]} [share] */
  async click(id, share) {
    const { x, y } = await this.place(id, share);
    await this.page.mouse.move(x, y);
    await this.page.mouse.click(x, y, { delay: 60 });
  }
  /** @param {string} id */
  async tap(id) {
    const { x, y } = await this.place(id);
    await this.page.touchscreen.tap(x, y);
  }

  /** Opens the menu of tasks, turns the wheel until the task is in sight, and takes it. @param {string} name */
  async chooseTask(name) {
    await this.click('tasks');
    const { x, y } = await this.place('tasks.text');
    await this.page.mouse.move(x, y);
    for (let tries = 0; tries < 40 && !(await this.page.evaluate((id) => window.unroll.widgets()[id], `tasks.${name}`)); ++tries) {
      await this.page.mouse.wheel(0, 100);
      await this.drawn(3);
    }
    await this.click(`tasks.${name}`);
  }

  /** Presses one of the buttons for keyboards. @param {string} id */
  press(id) {
    return this.page.locator(`[data-action=${id}]`).press('Enter');
  }

  /** @param {boolean} running */
  untilRunning(running) {
    return this.until(running ? 'training runs' : 'training stands', (state) =>
      state.running === running && everyLane(state, (lane) => lane.running === running));
  }

  /**
   * Looks at what is drawn meanwhile.
   * @template T
   * @param {() => Promise<T>} look @returns {Promise<T>}
   */
  async seen(look) {
    if (this.pictures) return look();
    const draw = (/** @type {boolean} */ pictures) => this.page.evaluate((pictures) => void Object.assign(window, { pictures }), pictures);
    await draw(true);
    await this.drawn(2);
    try {
      return await look();
    } finally {
      await draw(false);
    }
  }

  /** Different colours in a picture of the page: a blank one has very few. */
  async colours() {
    const picture = (await this.seen(() => this.page.screenshot())).toString('base64');
    return this.page.evaluate(async (picture) => {
      const bytes = Uint8Array.from(atob(picture), (symbol) => symbol.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      context.drawImage(bitmap, 0, 0);
      return new Set(new Uint32Array(context.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer)).size;
    }, picture);
  }

  /** The end of a visit: nothing may have gone wrong in it. */
  finish() {
    assert.deepEqual(this.problems, []);
    this.leave();
  }
}
