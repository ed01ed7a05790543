// What the networks have learned survives: in the browser for the next visit, as a file, and by undo.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { hashOf } from '../../web/page/hash.mjs';
import { MortalBrowser } from './killed.mjs';
import { Playground, everyLane } from './playground.mjs';
import { saveWhole } from './saved.mjs';
import { useSite } from './site.mjs';

const site = useSite();

const experiment = {
  unroll: 1,
  data: { text: 'Pack my box with five dozen liquor jugs. '.repeat(40), valid: 0.1 },
  train: { batch: 4, seq_length: 16, rate: 0.01, seed: 3 },
  lanes: [{ cell: 'rnn', hidden: 24 }, { cell: 'lstm', hidden: 16 }],
};
/** The same, which stops by itself. @param {number} steps */
const until = (steps) => ({ ...experiment, train: { ...experiment.train, steps } });

/** What the lanes have learned: what must be the same again. @param {any} state */
const learned = (state) => state.lanes.map((/** @type {any} */ { step, smooth, valid, history }) => ({ step, smooth, valid, history }));

/** Whether the curve begins at the beginning (a point may stand for some steps) and ends where the weights are. @param {any} lane */
const whole = ({ step, history }) => history.steps[0] <= 1 + step / 500 && history.steps.at(-1) === step;

/** Asks for what is learned to be kept now, as when the page is hidden. @param {Playground} playground */
const hide = ({ page }) => page.evaluate(() => void dispatchEvent(new Event('pagehide')));

/** The record that the page keeps. @param {any} state */
const mine = ({ keeping }) => keeping.records.find((/** @type {any} */ record) => record.id === keeping.record);

/** Trains to the end, and waits until that is kept. @param {Playground} playground @param {number} steps */
async function trainAndKeep(playground, steps) {
  await playground.press('train');
  await playground.until(`${steps} steps`, (state) => !state.running && everyLane(state, (lane) => lane.step === steps && lane.valid.at(-1)?.[0] === steps));
  await hide(playground);
  return playground.until('it is kept', (state) => mine(state)?.step === steps && mine(state).judged === steps);
}

/** Another page of the same browser. @param {import('playwright-core').BrowserContext} context @param {string} hash */
async function anotherTab(context, hash) {
  const tab = new Playground({ page: await context.newPage(), problems: [] });
  await tab.page.goto(site.address + hash);
  await tab.until('the lanes are configured', (state) => state.lanes?.length > 0 && everyLane(state, (lane) => lane.configured));
  return tab;
}

test('a reload while training offers to go on, never by itself, and going on continues step and curve', async () => {
  const playground = await Playground.open(site, { experiment, keeps: true });
  await playground.press('train');
  await playground.until('some steps', (state) => everyLane(state, (lane) => lane.step > 60));
  await hide(playground);
  const kept = mine(await playground.until('it is kept', (state) => mine(state)?.step > 60));
  await playground.page.reload();
  const offer = await playground.until('it is offered', (state) => state.keeping?.offered === kept.id);
  assert.ok(everyLane(offer, (lane) => lane.step === 0), 'nothing is brought back unasked');
  assert.deepEqual(offer.problems, []);
  await playground.click('kept.go-on');
  const back = await playground.until('it is back', (state) => state.keeping.record === kept.id && everyLane(state, (lane) => lane.step > 60));
  assert.equal(back.running, false);
  assert.equal(back.keeping.offered, null);
  assert.ok(everyLane(back, whole), 'the curve is there from the beginning to where the weights are');
  await playground.press('train');
  await playground.until('it goes on', (state) => everyLane(state, (lane) => lane.step > 200));
  await hide(playground);
  const later = await playground.until('in the same record', (state) => mine(state)?.step > 200);
  assert.equal(later.keeping.records.length, 1);
  assert.ok(everyLane(later, whole));
  later.lanes.forEach((/** @type {any} */ lane, /** @type {number} */ i) => assert.ok(lane.seconds >= back.lanes[i].seconds, 'its time goes on, too'));
  playground.finish();
});

test('two tabs do not overwrite each other, and when both are gone a third is offered both, unmixed', async () => {
  const one = await Playground.open(site, { experiment: until(40), keeps: true });
  const context = one.page.context();
  const first = mine(await trainAndKeep(one, 40));
  const hash = await hashOf(JSON.stringify({ ...until(55), lanes: [{ cell: 'gru', hidden: 12 }] }));
  const two = await anotherTab(context, hash);
  assert.equal((await two.state()).keeping.offered, null, 'what another tab has is not offered');
  const second = mine(await trainAndKeep(two, 55));
  assert.notEqual(first.id, second.id);
  await one.page.close();
  await two.page.close();
  const three = await anotherTab(context, await hashOf(JSON.stringify(until(40))));
  const state = await three.until('both are there', (state) => state.keeping.records.length === 2 && state.keeping.records.every((/** @type {any} */ record) => !record.taken));
  assert.equal(state.keeping.offered, first.id, 'the one of this experiment comes first');
  await three.click('kept.later');
  await three.until('the other one', (state) => state.keeping.offered === second.id);
  await three.click('kept.go-on');
  const gru = await three.until('it is back', (state) => state.lanes.length === 1 && state.lanes[0].step === 55);
  assert.match(gru.lanes[0].name, /GRU 12/);
  await three.click('save');
  await three.click(`kept.${first.id}.go-on`);
  const pair = await three.until('and the first', (state) => state.lanes.length === 2 && everyLane(state, (lane) => lane.step === 40));
  assert.deepEqual(pair.lanes.map((/** @type {any} */ { name }) => name), ['RNN 24', 'LSTM 16']);
  await three.page.close();
});

test('an experiment too long for an address: the address names its record, which opens from it, and only here', async () => {
  let state = 1;
  const noise = Array.from({ length: 124000 }, () => String.fromCharCode(97 + ((state = (state * 48271) % 0x7fffffff) >> 8) % 26)).join('');
  const one = await Playground.open(site, { experiment: until(20), keeps: true });
  const { page } = one;
  await page.locator('#text').fill(noise);
  await page.waitForFunction(() => location.hash === '' && history.state?.experiment);
  const trained = await trainAndKeep(one, 20), { id } = mine(trained);
  await page.waitForFunction((hash) => location.hash === hash && history.state?.experiment, `#kept=${id}`);
  await one.click('share');
  await one.says(/no program opens such a link[^]*names what is saved in this browser/, 'share-what');
  // Another tab cannot have it meanwhile, says so, and offers a copy, which goes on in a record of its own.
  const two = new Playground({ page: await page.context().newPage(), problems: [] });
  await two.page.goto(`${site.address}#kept=${id}`);
  await two.says(/Another tab has this experiment now[^]*a copy/, 'notice');
  assert.ok(everyLane(await two.state(), (lane) => lane.step === 0), 'nothing of it is opened unasked');
  await two.page.locator('#notice-act').click();
  const copy = await two.until('the copy is there', (state) => state.text.characters === noise.length && everyLane(state, (lane) => lane.step === 20));
  assert.deepEqual(learned(copy), learned(trained));
  await two.press('new-seed');
  await two.until('another seed', (state) => everyLane(state, (lane) => lane.step === 0 && lane.configured));
  const { keeping } = await trainAndKeep(two, 20);
  assert.notEqual(keeping.record, id);
  // A reload in the tab has the experiment itself, and offers what it learned.
  await page.reload();
  const offer = await one.until('it is offered', (state) => state.keeping?.offered === id && state.text?.characters === noise.length);
  assert.ok(everyLane(offer, (lane) => lane.step === 0));
  // Where no tab has it the address has nothing but the name, and opens it.
  await page.close();
  await two.page.goto('about:blank');
  await two.page.goto(`${site.address}#kept=${id}`);
  const opened = await two.until('it is opened', (state) => state.keeping?.record === id && everyLane(state, (lane) => lane.step === 20));
  assert.equal(opened.text.characters, noise.length);
  assert.deepEqual(learned(opened), learned(trained), 'as the first tab left it');
  await two.says(/what this browser saved on/, 'notice');
  await two.page.waitForFunction((hash) => location.hash === hash, `#kept=${id}`);
  await two.page.evaluate(() => (location.hash = `#kept=${'0'.repeat(24)}`));
  await two.says(/saved in another browser, or that was forgotten since[^]*\.unroll file/, 'notice');
  await two.page.waitForFunction((hash) => location.hash === hash, `#kept=${id}`);
  assert.ok(everyLane(await two.state(), (lane) => lane.step === 20), 'what is here goes on');
});

test('storage that is forbidden, or full, is said in words, and nothing breaks', async () => {
  const forbidden = await Playground.open(site, { experiment: until(20), keeps: true, prepare: () => {
    IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };
  } });
  await forbidden.press('train');
  const said = await forbidden.until('it is said', (state) => state.step === 20 && state.problems.length > 0);
  assert.match(said.problems[0].what, /does not let the page keep anything.*save it as a file/);
  assert.match(said.keeping.trouble, /private window/);
  assert.ok((await saveWhole(forbidden)).bytes.length > 1000, 'a file can be saved');
  forbidden.finish();

  const full = await Playground.open(site, { experiment, keeps: true, prepare: () => {
    const { put } = IDBObjectStore.prototype;
    let left = 1;
    IDBObjectStore.prototype.put = function (...all) {
      if (left-- <= 0) throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, all);
    };
  } });
  await full.press('train');
  const first = mine(await full.until('it is kept once', (state) => mine(state)));
  await full.until('it trains on', (state) => state.step > first.step + 20);
  await hide(full);
  const told = await full.until('it is said', (state) => state.problems.length > 0);
  assert.match(told.problems[0].what, /no more room/);
  assert.equal(mine(told).step, first.step, 'what was kept before is still there');
  await full.until('it trains on', (state) => state.running && state.step > told.step + 10);
  full.finish();
});

test('a switch turns it off, a button forgets everything, and one click exports the file', async () => {
  const playground = await Playground.open(site, { experiment: until(30), keeps: true });
  const { keeping } = await trainAndKeep(playground, 30);
  await playground.click('save');
  const download = playground.page.waitForEvent('download');
  await playground.click(`kept.${keeping.record}.export`);
  const bytes = await readFile(await (await download).path());
  assert.equal(bytes.subarray(0, 4).toString('latin1'), 'PK\x03\x04');
  await playground.click('kept.forget-all');
  await playground.until('nothing is there', (state) => state.keeping.records.length === 0);
  await playground.click('keeping.Off');
  await playground.until('it is off', (state) => !state.keeping.on);
  await playground.page.keyboard.press('Escape');
  await playground.press('reset');
  await playground.press('train');
  await playground.until('it learns again', (state) => everyLane(state, (lane) => lane.step === 30));
  await hide(playground);
  await playground.drawn(5);
  assert.equal((await playground.state()).keeping.records.length, 0);
  await playground.page.reload();
  const off = await playground.until('it stays off', (state) => state.keeping?.possible && everyLane(state, (lane) => lane.configured));
  assert.equal(off.keeping.on, false);
  playground.finish();
});

test('in a frame of another page nothing is kept, unless the view asks for it', async (t) => {
  const host = createServer((request, response) => response.setHeader('Content-Type', 'text/html')
    .end(`<!doctype html><iframe width=900 height=600 src="${site.address}${decodeURIComponent((request.url ?? '').slice(2))}"></iframe>`));
  await new Promise((resolve) => host.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => (host.closeAllConnections(), host.close()));
  const address = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (host.address()).port}`;
  const { page } = await site.visit({ keeps: true, fresh: true });
  for (const keep of ['auto', 'on']) {
    const hash = await hashOf(JSON.stringify({ ...until(10), view: { keep } }));
    await page.goto(`${address}/?${encodeURIComponent(hash)}`);
    const frame = page.frames()[1];
    await frame.waitForFunction(() => window.unroll?.state().lanes?.every((/** @type {any} */ lane) => lane.configured));
    await frame.locator('[data-action=train]').press('Enter');
    await frame.waitForFunction((keep) => {
      const { step, keeping } = window.unroll.state();
      return step === 10 && keeping.possible && keeping.on === (keep === 'on') && (keep === 'auto' || keeping.records.length === 1);
    }, keep);
    if (keep === 'auto') assert.equal(await frame.evaluate(() => window.unroll.state().keeping.record), '');
  }
});

test('a file of the whole brings everything back elsewhere, and the next steps are the same to the last bit', async () => {
  const here = await Playground.open(site, { experiment });
  await here.press('train');
  await here.until('some steps', (state) => everyLane(state, (lane) => lane.step > 70));
  await here.press('train');
  /** @param {any} state */
  const rests = (state) => !state.running && everyLane(state, (lane) => lane.valid.at(-1)?.[0] === lane.step);
  const before = await here.until('it rests', rests);
  const { name, bytes } = await saveWhole(here);
  assert.equal(name, `unroll-step-${before.step}.unroll`);

  const there = await Playground.open(site, { experiment: { ...experiment, lanes: [{ cell: 'gru', hidden: 9 }] } });
  await there.drop('mine.unroll', bytes);
  const opened = await there.until('it is there', (state) => everyLane(state, (lane) => lane.step > 70) && state.baselines);
  assert.deepEqual(learned(opened), learned(before));
  assert.deepEqual(opened.experiment, before.experiment);
  assert.equal(opened.changed, false);
  assert.ok(everyLane(opened, (lane) => lane.own === null));
  const [a, b] = await Promise.all([here, there].map(async (playground) => {
    let state = opened;
    for (let steps = 0; steps < 5; ++steps) {
      const { step } = state;
      await playground.press('step');
      state = await playground.until('a step', (state) => state.step === step + 1 && rests(state));
    }
    return state;
  }));
  assert.deepEqual(learned(a), learned(b));

  // Damaged, or of a newer Unroll: nothing is touched.
  const cut = bytes.subarray(0, bytes.length - 40);
  const flipped = Buffer.from(bytes);
  flipped[bytes.length >> 1] ^= 1;
  for (const [file, content, what] of /** @type {[string, Buffer, RegExp][]} */ ([
    ['cut.unroll', cut, /end is missing/], ['flipped.unroll', flipped, /damaged/], ['text.unroll', Buffer.from('hello'), /no archive/]])) {
    await there.drop(file, content);
    const now = await there.until(`${file} is refused`, (state) => state.problems.some((/** @type {any} */ problem) => problem.where.startsWith(file)));
    assert.match(now.problems.at(-1).what, what);
    assert.deepEqual(learned(now), learned(b));
  }
  here.finish();
  there.finish();
});

test('a damaged generation gives way to the one before it, and that is said', async () => {
  const playground = await Playground.open(site, { experiment, keeps: true });
  await playground.press('train');
  await playground.until('some steps', (state) => everyLane(state, (lane) => lane.step > 40));
  await playground.press('train');
  /** @param {any} state */
  const rests = (state) => !state.running && everyLane(state, (lane) => lane.valid.at(-1)?.[0] === lane.step);
  const before = await playground.until('it rests', rests);
  await hide(playground);
  const first = mine(await playground.until('it is kept', (state) => mine(state)?.step === before.step));
  // One more step, kept too: then the newest generation is cut off, as a disk may do that loses its last writes.
  await playground.press('step');
  await playground.until('a step more', (state) => rests(state) && state.step === before.step + 1);
  await hide(playground);
  const second = mine(await playground.until('it is kept', (state) => mine(state)?.step === before.step + 1));
  assert.equal(second.id, first.id);
  const numbers = await playground.page.evaluate(() => new Promise((resolve, reject) => {
    const open = indexedDB.open('unroll');
    open.onerror = () => reject(open.error);
    open.onsuccess = () => {
      const transaction = open.result.transaction('records', 'readwrite'), records = transaction.objectStore('records');
      const all = records.getAll();
      all.onsuccess = () => {
        const [newest] = all.result.sort((a, b) => b.number - a.number);
        records.put({ ...newest, file: newest.file.slice(0, newest.file.size - 100) });
        transaction.oncomplete = () => (open.result.close(), resolve(all.result.map(({ number }) => number)));
      };
    };
  }));
  assert.equal(/** @type {number[]} */ (numbers).length, 2);
  await playground.page.reload();
  await playground.until('it is offered', (state) => state.keeping?.offered === first.id);
  await playground.press('go-on');
  const back = await playground.until('the one before it', (state) => everyLane(state, (lane) => lane.step > 0));
  assert.deepEqual(learned(back), learned(before));
  assert.match(back.problems.at(-1).what, /damaged where it was saved last, so this is the saving before that/);
  assert.equal(back.keeping.record, first.id);
  playground.finish();
});

test('undo: edits one by one, and a trained experiment that was left comes back with its networks', async () => {
  const playground = await Playground.open(site, { experiment: until(50), options: { viewport: { width: 1280, height: 1200 } } });
  const { page } = playground;
  const undo = () => page.locator('#canvas').press('Control+z');
  const redo = () => page.locator('#canvas').press('Control+Shift+z');
  await playground.press('train');
  const trained = await playground.until('50 steps', (state) => !state.running && everyLane(state, (lane) => lane.step === 50 && lane.valid.length > 0));

  await playground.press('reset');
  await playground.until('reset', (state) => everyLane(state, (lane) => lane.step === 0 && lane.configured));
  await undo();
  const back = await playground.until('it is back', (state) => everyLane(state, (lane) => lane.step === 50));
  assert.deepEqual(learned(back), learned(trained));
  await redo();
  await playground.until('reset again', (state) => everyLane(state, (lane) => lane.step === 0));
  await undo();
  await playground.until('back again', (state) => everyLane(state, (lane) => lane.step === 50));

  await playground.press('new-seed');
  await playground.until('another seed', (state) => state.experiment.train.seed === 4 && everyLane(state, (lane) => lane.step === 0 && lane.configured));
  await playground.press('undo');
  const seed = await playground.until('the old seed', (state) => everyLane(state, (lane) => lane.step === 50));
  assert.equal(seed.experiment.train.seed, 3);
  assert.deepEqual(learned(seed), learned(trained));

  // Opened from a link, and back.
  await page.evaluate((hash) => { location.hash = hash; }, await hashOf(JSON.stringify({ ...experiment, lanes: [{ cell: 'gru', hidden: 9 }] })));
  await playground.until('another experiment', (state) => state.lanes.length === 1 && state.lanes[0].configured);
  await undo();
  const link = await playground.until('the first', (state) => state.lanes.length === 2 && everyLane(state, (lane) => lane.step === 50));
  assert.deepEqual(learned(link), learned(trained));

  // A lane that is removed comes back with what it knew.
  if (!(await page.evaluate(() => window.unroll.widgets()['lane1.remove']))) await playground.click('lane1.fold');
  await playground.click('lane1.remove');
  await playground.until('one lane', (state) => state.lanes.length === 1);
  await undo();
  const two = await playground.until('two lanes', (state) => state.lanes.length === 2 && state.lanes[1].step === 50);
  assert.deepEqual(learned(two), learned(trained));
  playground.finish();
});

test('undo: a field that has the keyboard keeps its own', async () => {
  const playground = await Playground.open(site, { experiment });
  const { page } = playground;
  await playground.press('theme');
  const { dark } = await playground.until('the theme is noted', (state) => state.undo.back);
  const field = page.locator('#prefix');
  await field.click();
  await field.pressSequentially('Once');
  await field.press('Control+z');
  await playground.until('the field undid', (state) => state.prefix !== 'Once');
  assert.equal((await playground.state()).dark, dark, 'and nothing else');
  playground.finish();
});

test('Chromium sleeps with its computer and goes on; it is killed while it trains, and a new one offers what was learned', async (t) => {
  const browser = new MortalBrowser();
  t.after(() => browser.end());
  const address = site.address + (await hashOf(JSON.stringify(experiment)));
  let step = 0;
  for (let kill = 0; kill < 3; ++kill) {
    const playground = new Playground(await browser.visit(address));
    const ready = await playground.until('the page is there', (state) => state.keeping?.possible && everyLane(state, (lane) => lane.configured) &&
      (kill === 0 || state.keeping.offered));
    if (kill > 0) {
      const [record] = ready.keeping.records;
      assert.ok(record.step >= step);
      await playground.press('go-on');
      const back = await playground.until('it is back', (state) => everyLane(state, (lane) => lane.step > 0));
      assert.equal(back.step, record.step);
      assert.ok(everyLane(back, whole));
      step = record.step;
    }
    await playground.press('train');
    const { lanes } = await playground.until('more steps', (state) => everyLane(state, (lane) => lane.step > step + 30));
    if (kill === 0) {
      await browser.sleep(800);
      const later = await playground.until('awake it trains on', (state) =>
        state.lanes.every((/** @type {any} */ lane, /** @type {number} */ i) => lane.running && lane.step > lanes[i].step + 30));
      assert.ok(everyLane(later, whole));
    }
    await hide(playground);
    const kept = await playground.until('it is kept', (state) => mine(state)?.step > step);
    step = mine(kept).step;
    await playground.page.waitForTimeout(Math.random() * 300);
    await hide(playground);  // so that it may be killed while it keeps
    await playground.page.waitForTimeout(Math.random() * 30);
    await browser.kill();
  }
});
