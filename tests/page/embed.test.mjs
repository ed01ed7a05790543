// The figure in other people's pages: the element and the messages beneath it, with host and playground on two origins
// and a strict security policy around the host.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { root } from '../browser.mjs';
import { attributeOf, call, useHost } from './host.mjs';
import { patience, useSite } from './site.mjs';

const site = useSite();
const experiment = { unroll: 1, data: { text: 'one two three four five six seven eight nine ten. '.repeat(40) }, lanes: [{ cell: 'rnn', hidden: 16 }, { cell: 'lstm', hidden: 12 }] };
const json = attributeOf(experiment);

const host = useHost(site);
const hosted = host.open;

test('the element: every method answers and every event comes, under a strict policy, and it is small', async () => {
  assert.ok(gzipSync(readFileSync(`${root}/web/page/unroll-playground.mjs`), { level: 9 }).length < 6000);
  const { page, problems } = await hosted(`<unroll-playground load="eager" height="auto" title="Two networks" view="header timeline" experiment="${json}"></unroll-playground>`);
  await page.evaluate(() => {
    /** @type {any} */ (window).events = [];
    for (const name of ['ready', 'metrics', 'state', 'error'])
      addEventListener(`unroll-${name}`, (event) => /** @type {any} */ (window).events.push([name, /** @type {any} */ (event).detail]));
  });
  assert.equal(await page.locator('iframe').getAttribute('title'), 'Two networks');
  const trained = await call(page, 'train', [20]);
  assert.deepEqual(trained.lanes.map((/** @type {any} */ { step }) => step), [20, 20]);
  assert.equal(trained.running, false);
  const state = await call(page, 'state');
  assert.deepEqual(state.experiment.view.show, ['header', 'timeline']);
  assert.equal(state.experiment.lanes[0].hidden, 16);

  const text = await call(page, 'sample', ['one ', { lane: 1, length: 12, temperature: 0 }]);
  assert.equal(text.length, 12);
  assert.equal(await call(page, 'sample', ['one ', { lane: 1, length: 12, temperature: 0 }]), text);
  const probe = await call(page, 'probe', ['one tXo', { top: 2 }]);
  assert.equal(probe.symbols.join(''), 'one to');
  assert.equal(probe.unknown, 'X');
  assert.equal(probe.losses[0], null);
  assert.ok(probe.losses[3] > 0 && probe.guesses[3][0].probability > probe.guesses[3][1].probability);

  assert.equal(await call(page, 'set', [{ 'view.theme': 'dark', 'view.temperature': 0.5, 'train.rate': 0.01 }]), null);
  await page.waitForFunction(() => /** @type {any} */ (window).events.some((/** @type {any} */ [name, detail]) => name === 'state' && detail.dark));
  const tuned = await call(page, 'state');
  assert.equal(tuned.experiment.train.rate, 0.01);
  assert.equal(tuned.step, 20);
  assert.equal(tuned.changed, false);

  const running = await call(page, 'train');
  assert.ok(running.lanes.length === 2);
  await page.waitForFunction(() => /** @type {any} */ (window).events.some((/** @type {any} */ [name, detail]) => name === 'metrics' && detail.running && detail.step > 25));
  const paused = await call(page, 'pause');
  assert.equal(paused.running, false);
  assert.equal((await call(page, 'reset')).step, 0);

  const loaded = await call(page, 'load', [{ ...experiment, lanes: [{ cell: 'gru', hidden: 8, name: 'mine' }] }]);
  assert.deepEqual(loaded.lanes.map((/** @type {any} */ { name }) => name), ['mine']);

  // What is wrong is told by place, and what was there goes on.
  assert.equal((await call(page, 'load', [{ lanes: [{ hidden: 0 }] }])).where, 'lanes[0].hidden');
  assert.equal((await call(page, 'set', [{ 'lanes.hidden': 3 }])).where, 'lanes.hidden');
  assert.match((await call(page, 'set', [{ 'view.theme': 'pink' }])).hint, /dark/);
  assert.equal((await call(page, 'train', [-1])).where, 'steps');
  assert.equal((await call(page, 'sample', [5])).where, 'prompt');
  assert.equal((await call(page, 'sample', ['x', { lane: 7 }])).where, 'lane');
  assert.equal((await call(page, 'sample', ['x', { length: -1 }])).where, 'length');
  assert.equal((await call(page, 'train', [3])).step, 3);
  assert.ok((await page.evaluate(() => /** @type {any} */ (window).events)).some((/** @type {any} */ [name]) => name === 'error'));
  // It is as high as it wants, which is told by the width alone and not by the height that it has.
  const heights = () => page.evaluate(async () => {
    const element = /** @type {any} */ (document.querySelector('unroll-playground'));
    return [`${(await element.state()).host.height}px`, element.style.height];
  });
  for (const end = Date.now() + patience; ; await page.waitForTimeout(50)) {
    const [wanted, has] = await heights();
    if (wanted === has) break;
    assert.ok(Date.now() < end, `${wanted}, ${has}`);
  }
  const picture = await page.evaluate(async () => {
    const png = await /** @type {any} */ (document.querySelector('unroll-playground')).picture();
    const { width, height } = await createImageBitmap(png);
    return [png.type, width, height];
  });
  assert.deepEqual(picture, ['image/png', 600, parseInt((await heights())[1])]);
  assert.deepEqual(problems, []);
});

test('before it is seen or clicked nothing is loaded; attributes change what is there', async () => {
  const { page, asked } = await hosted(`<unroll-playground load="click" experiment="${json}"></unroll-playground><div class="far"></div><unroll-playground experiment="${json}"></unroll-playground>`);
  await page.locator('unroll-playground >> nth=0').locator('button').waitFor();
  await page.waitForTimeout(500);
  assert.deepEqual(asked.filter((path) => !/host\.css|unroll-playground\.mjs|^\/\d+$|favicon/.test(path)), []);
  await page.locator('unroll-playground >> nth=0').locator('button').click();
  assert.equal((await call(page, 'train', [2])).step, 2);
  assert.equal(page.frames().length, 2);
  await page.evaluate((json) => document.querySelector('unroll-playground')?.setAttribute('experiment', json), JSON.stringify({ ...experiment, lanes: [{ cell: 'gru', hidden: 8 }] }));
  for (const end = Date.now() + patience; (await call(page, 'state')).lanes[0].name !== 'GRU 8'; ) assert.ok(Date.now() < end);
  // The bar has a way back to what was trained before; a figure without the bar has none.
  const offers = async (/** @type {boolean} */ back) => {
    const frame = page.frames()[1];
    for (const end = Date.now() + patience; (await frame.evaluate(() => 'left.come-back' in window.unroll.widgets())) !== back; ) assert.ok(Date.now() < end);
  };
  await offers(true);
  await page.evaluate(() => document.querySelector('unroll-playground')?.setAttribute('view', '{"theme": "dark", "show": ["curves"]}'));
  for (const end = Date.now() + patience; !(await call(page, 'state')).dark; ) assert.ok(Date.now() < end);
  await offers(false);
  await page.evaluate(() => scrollTo(0, 4000));
  for (const end = Date.now() + patience; page.frames().length < 3; await page.waitForTimeout(50)) assert.ok(Date.now() < end);
});

test('a lesson above the views has its part of the height', async () => {
  const { page } = await hosted('<unroll-playground load="eager" height="auto" lesson="recurrent" view="curves"></unroll-playground>');
  const figure = page.locator('unroll-playground').locator('iframe').contentFrame();
  const fits = async () => {
    const { canvas, above, wants } = await figure.locator('body').evaluate(() => ({
      canvas: document.getElementById('canvas')?.clientHeight ?? 0,
      above: document.getElementById('lesson')?.offsetHeight ?? 0,
      wants: window.unroll?.state().host?.height ?? 0,
    }));
    return Math.abs(canvas - wants) <= 1 ? above : 0;
  };
  const until = async (/** @type {(above: number) => boolean} */ condition) => {
    for (const end = Date.now() + patience; !condition(await fits()); await page.waitForTimeout(50)) assert.ok(Date.now() < end);
  };
  await until((above) => above > 100);
  // Folding is the page's own affair, and of the second time the front end has no news at all.
  for (const folded of [true, false, true]) {
    await figure.locator('#lesson .fold').click();
    await until((above) => (folded ? above > 40 && above < 60 : above > 100));
  }
});

/** Raw messages: `talk(frame)` connects. */
const rawHost = () => {
  /** @param {string} id */
  const connect = (/** @type {string} */ id, n = 0) => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    /** @type {any[]} */ const said = [];
    port1.onmessage = ({ data }) => {
      said.push(data);
      if (data.type === 'connected') resolve({ port: port1, said, id: data.id });
    };
    setTimeout(() => resolve({ port: port1, said, id: '' }), 3000);
    frames[n].postMessage({ unroll: 1, type: 'connect', id }, '*', [port2]);
  });
  const ask = (/** @type {any} */ { port, said }, /** @type {any} */ message) => new Promise((resolve) => {
    port.postMessage(message);
    const timer = setInterval(() => {
      const found = said.find((/** @type {any} */ one) => one.id === message.id && !one.type);
      if (!found) return;
      clearInterval(timer);
      resolve(found);
    }, 20);
  });
  Object.assign(window, { connect, ask, greeted: [] });
  addEventListener('message', ({ data, source }) => /** @type {any} */ (window).greeted.push([data, [...Array(frames.length).keys()].findIndex((n) => frames[n] === source)]));
};

test('messages: connected in any order, by the parent alone, each frame by itself, checked and bounded', async () => {
  host.pages.set('/stranger', '');
  const src = `${site.address}#${encodeURIComponent(JSON.stringify({ ...experiment, lanes: [{ cell: 'rnn', hidden: 8 }] }))}`;
  const { page, problems } = await hosted(`<iframe src="${src}"></iframe><iframe src="${src}"></iframe><iframe src="/stranger"></iframe>`);
  await page.evaluate(rawHost);
  // Frame 0 greets first; frame 1 is called before it can hear, and again until it does.
  const tries = await page.evaluate(async () => {
    const { connect } = /** @type {any} */ (window);
    let tries = 1;
    while (!(await connect('second', 1)).id) ++tries;
    return tries;
  });
  assert.ok(tries >= 1);
  await page.waitForFunction(() => /** @type {any} */ (window).greeted.some((/** @type {any} */ [data, from]) => data.type === 'ready' && from === 0));
  const answers = await page.evaluate(async () => {
    const { connect, ask } = /** @type {any} */ (window);
    const first = await connect('first');
    const connected = first.said[0];
    const again = await connect('first');  // the same id: the port that is there stays
    const result = {
      connected,
      again: again.id,
      stays: await ask(first, { id: 1, type: 'train', steps: 3 }),
      unknown: await ask(first, { id: 2, type: 'explode' }),
      inherited: await ask(first, { id: 3, type: 'constructor' }),
      bare: await ask(first, { id: 4, type: 'load' }),
    };
    for (const nonsense of [null, 5, 'text', [], {}, { id: 'x', type: 'state' }, { type: 'train' }]) first.port.postMessage(nonsense);
    const many = await Promise.all(Array.from({ length: 80 }, (_, n) => ask(first, { id: 100 + n, type: 'sample', prompt: 'o', length: 20 })));
    const wrong = [{ unroll: 2, type: 'connect', id: 'x' }, { unroll: 1, type: 'connect' }, { type: 'connect', id: 'x' }, 'connect'];
    for (const message of wrong) frames[0].postMessage(message, '*', [new MessageChannel().port2]);
    const other = await connect('third');
    return { ...result, done: many.filter((one) => one.result).length, refused: many.find((one) => one.error)?.error, other: other.id, step: (await ask(other, { id: 5, type: 'state' })).result.step };
  });
  assert.deepEqual({ ...answers.connected, engine: '' }, { type: 'connected', id: 'first', version: 1, engine: '' });
  assert.equal(answers.again, '');
  assert.equal(answers.stays.result.step, 3);
  assert.match(answers.unknown.error.hint, /load/);
  assert.equal(answers.inherited.error.where, 'type');
  assert.equal(answers.bare.error.where, 'experiment');
  assert.equal(answers.done, 64);
  assert.match(answers.refused.what, /64 requests/);
  assert.deepEqual([answers.other, answers.step], ['third', 3]);

  // A stranger beside it is not heard, and frame 1 knows nothing of what frame 0 did.
  const stranger = page.frames().find((frame) => frame.url().endsWith('/stranger'));
  const heard = await stranger?.evaluate(() => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    parent.frames[0].postMessage({ unroll: 1, type: 'connect', id: 'stranger' }, '*', [port2]);
    setTimeout(() => resolve('nothing'), 1500);
  }));
  assert.equal(heard, 'nothing');
  const apart = await page.evaluate(async () => {
    const { connect, ask } = /** @type {any} */ (window);
    return (await ask(await connect('second again', 1), { id: 1, type: 'state' })).result.step;
  });
  assert.equal(apart, 0);

  // Who does not say that it hears is told no more than sixteen events.
  const unheard = await page.evaluate(async () => {
    const { connect, ask } = /** @type {any} */ (window);
    const deaf = await connect('deaf');
    for (let n = 1; n <= 40; ++n) await ask(deaf, { id: n, type: 'train', steps: 1 });
    const before = deaf.said.filter((/** @type {any} */ one) => one.event).length;
    deaf.port.postMessage({ type: 'heard' });
    await ask(deaf, { id: 50, type: 'state' });
    const metrics = deaf.said.filter((/** @type {any} */ one) => one.event === 'metrics');
    return { before, newest: metrics.at(-1).step };
  });
  assert.equal(unheard.before, 16);
  assert.equal(unheard.newest, 43);
  assert.deepEqual(problems, []);
});

test('below the fold: what begins by itself waits to be seen, what the host asks is done; neither focus nor scroll of the host ever move', async () => {
  const playing = attributeOf({ ...experiment, view: { autoplay: true } });
  const { page, problems } = await hosted(`<textarea></textarea><div class="far"></div><unroll-playground load="eager" experiment="${playing}"></unroll-playground><div class="far"></div>`);
  await page.locator('textarea').click();
  await page.keyboard.type('I write ');
  await call(page, 'sample', ['one ', { length: 8 }]);
  await page.waitForTimeout(400);
  assert.equal((await call(page, 'state')).step, 0);
  await page.keyboard.type('on');
  assert.equal((await call(page, 'train', [12])).lanes[0].step >= 12, true);
  assert.equal((await call(page, 'pause')).running, false);
  const { step } = await call(page, 'state');
  assert.equal((await call(page, 'train', [5])).lanes[0].step >= step, true);
  assert.equal((await call(page, 'sample', ['one ', { length: 8 }])).length, 8);
  assert.equal(await page.evaluate(() => /** @type {HTMLTextAreaElement} */ (document.querySelector('textarea')).value), 'I write on');
  assert.deepEqual(await page.evaluate(() => [document.activeElement?.tagName, scrollY]), ['TEXTAREA', 0]);
  const frame = page.frames()[1];
  assert.equal(await frame.evaluate(() => document.querySelector('#canvas')?.classList.contains('drawn')), false);

  // Once seen it is drawn; the keyboard is the host's until somebody clicks into the figure.
  await page.evaluate(() => document.querySelector('unroll-playground')?.scrollIntoView());
  await frame.locator('#canvas.drawn').waitFor();
  const drawn = await call(page, 'state');
  await page.keyboard.press('s');
  await page.waitForTimeout(300);
  assert.equal((await call(page, 'state')).step, drawn.step);
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'TEXTAREA');
  // A key typed into the text scrolled to it.
  await page.evaluate(() => document.querySelector('unroll-playground')?.scrollIntoView());
  const box = await page.locator('iframe').boundingBox();
  const place = await frame.evaluate(() => window.unroll.widgets()['panel.curves'] ?? [100, 100, 100, 100]);
  await page.mouse.click((box?.x ?? 0) + place[0] + 8, (box?.y ?? 0) + place[1] + 8);
  await frame.waitForFunction(() => document.hasFocus() && document.activeElement?.id === 'canvas');
  await page.keyboard.press('s');
  for (const end = Date.now() + patience; (await call(page, 'state')).step !== drawn.step + 1; ) assert.ok(Date.now() < end, 'the key was for the figure');
  assert.deepEqual(problems, []);
});

test('a figure may ask for the microphone where its task hears, and no other figure may', async () => {
  const element = (/** @type {string} */ name) => `<unroll-playground load="eager" experiment="${attributeOf({ data: { task: { name } } })}"></unroll-playground>`;
  const sources = readdirSync(`${root}/engine/tasks`).filter((name) => name.endsWith('.cpp')).map((name) => readFileSync(`${root}/engine/tasks/${name}`, 'utf8'));
  const hearing = sources.map((source) => /TaskKind \w+ = \{\s*\.name = "(\w+)"[^]*\.heard = true/.exec(source)?.[1]).filter((name) => name !== undefined);
  assert.ok(hearing.length >= 2);
  const { page, problems } = await hosted([...hearing, 'adding'].map(element).join(''));
  const allowed = await page.locator('iframe').evaluateAll((frames) => frames.map((frame) => /** @type {HTMLIFrameElement} */ (frame).allow));
  assert.deepEqual(allowed, [...hearing.map(() => 'clipboard-write; fullscreen; microphone'), 'clipboard-write; fullscreen']);
  assert.deepEqual(problems, []);
});

test('sandboxed without an origin, it trains; its address and storage are nobody\'s', async (t) => {
  const begin = Date.now();
  const { page, problems } = await hosted(`<unroll-playground load="eager" sandbox="allow-scripts" experiment="${json}"></unroll-playground>`);
  assert.equal((await call(page, 'train', [3])).step, 3);
  t.diagnostic(`three steps ${Date.now() - begin} ms after the visit began`);
  assert.equal(await page.frames()[1].evaluate(() => self.origin), 'null');
  await call(page, 'set', [{ 'view.theme': 'dark' }]);
  await page.waitForTimeout(600);  // the address would be written by now
  assert.equal((await call(page, 'state')).dark, true);
  assert.deepEqual(problems, []);
});
