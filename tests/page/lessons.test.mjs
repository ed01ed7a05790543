// The lessons: each walked to its end by its own checks, by really doing what its steps ask, on a laptop and on a phone; read
// aloud in order; and a first visit's three choices. UNROLL_LESSON_PICTURES names a folder for a picture of every step.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { root } from '../browser.mjs';
import { Playground } from './playground.mjs';
import { newVisitor, patience, useSite } from './site.mjs';

const site = useSite();

/** @type {{id: string, title: string}[]} */
const lessons = JSON.parse(readFileSync(`${root}/examples/lessons/index.json`, 'utf8'));
const pictures = process.env.UNROLL_LESSON_PICTURES;
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

/** @typedef {(playground: Playground) => Promise<unknown>} Doing */

/** @type {Doing} */
const train = async (playground) => {
  if (!(await playground.state()).running) await playground.press('train');
};
/** Scrolls the canvas to a widget as one does where there is little room, and clicks it. @param {Playground} playground @param {string} id @param {[number, number]} [share] */
const reach = async (playground, id, share) => {
  const { page } = playground;
  const { width, height } = /** @type {{width: number, height: number}} */ (page.viewportSize());
  for (let tries = 0, seen = 0; tries < 50 && seen < 3 && width < 860; ++tries) {
    const box = await page.evaluate((id) => window.unroll.widgets()[id], id);
    const from = (await playground.page.locator('#canvas').boundingBox())?.y ?? 0;
    seen = box && box[1] > from + 60 && box[1] + box[3] < height - 60 ? seen + 1 : 0;
    if (seen) {  // a field that was just typed in may still be scrolling into sight
      await playground.drawn(4);
      continue;
    }
    await page.mouse.move(14, from + (height - from) / 2);  // beside the fields, which scroll their text
    await page.mouse.wheel(0, (box ? box[1] <= from + 60 : tries >= 15) ? -100 : 100);
    await playground.drawn(3);
  }
  await playground.click(id, share);
};
/** @type {Doing} */
const trainWithLoss = async (playground) => {
  await reach(playground, 'curves.show.Loss');
  await train(playground);
};
/** @type {Doing} */
const play = (playground) => reach(playground, 'cell.play');
/** Shows the beginning of the panel where the field stands. @param {string} text @returns {Doing} */
const ask = (text) => async (playground) => {
  await train(playground);
  await playground.page.locator('#prefix').fill(text);
};
/** The nth block of code in the step's text, typed as the cell. @type {Doing} */
const typeCell = async (playground) => {
  await playground.until('the cell is there', ({ cell }) => cell);
  if ((await playground.state()).cell.depth !== 'formula') await reach(playground, 'cell.depth.Formula');
  const text = await playground.page.locator('#lesson .text pre').innerText();
  await reach(playground, 'cell.text');  // where it is not whole in sight, a click scrolls it there
  await playground.page.locator('[id="cell.text"]').fill(`${text}\n`);
  await playground.until('a new cell', ({ cell }) => cell.editor?.text.trim() === text.trim() && cell.editor.parameters > 0);
  await playground.drawn(4);
  await playground.keyboardAt('cell.text');  // it has grown, and was scrolled into sight
  await reach(playground, 'cell.train');
  await train(playground);
};
/** @param {string} gate @param {number} value @returns {Doing} */
const clamp = (gate, value) => async (playground) => {
  let { cell } = await playground.until('the cell is read', (state) => state.cell?.ready);
  if (!cell.surgery) await reach(playground, 'cell.intervene');
  ({ cell } = await playground.until('the tools are open', (state) => state.cell.surgery));
  if (cell.interventions.length) {
    await reach(playground, 'cell.restore');
    await playground.until('restored', (state) => !state.cell.interventions.length);
  }
  await reach(playground, 'cell.scope.All 32');
  await reach(playground, `cell.gate.${gate}`);
  await reach(playground, 'cell.clamp.value', [value === 1 ? 0.995 : 0.005, 0.5]);
  await reach(playground, 'cell.clamp');
};

/** What a learner does in a step, by lesson and number; what only is to be read or answered needs nothing. @type {Record<string, Record<number, Doing>>} */
const doing = {
  recurrent: { 1: train, 3: ask('a wild hen eats '), 4: ask('a wild fox eats '), 5: play },
  'vanishing-gradient': { 1: train, 4: (playground) => playground.press('reset'), 6: train },
  'memory-cell': { 1: play, 4: trainWithLoss },
  gates: { 1: train, 2: clamp('f', 0), 3: clamp('i', 0), 4: clamp('f', 1) },
  'build-a-cell': {
    1: async (playground) => {
      await reach(playground, 'cell.depth.Formula');
      await train(playground);
    },
    2: typeCell, 3: typeCell, 4: typeCell, 5: trainWithLoss,
  },
  'long-memory': { 2: train, 3: train, 4: train },
  cost: { 2: train, 3: train },
  tuning: {
    1: train, 2: train,
    3: async (playground) => {
      await train(playground);
      await playground.until('trained', ({ step }) => step >= 100);
      await playground.press('new-seed');
    },
  },
};

/** @param {Playground} playground @param {string} name */
async function picture(playground, name) {
  if (!pictures) return;
  for (const theme of ['light', 'dark']) {
    await playground.page.emulateMedia({ colorScheme: /** @type {'light'|'dark'} */ (theme), reducedMotion: 'reduce' });
    await playground.seen(async () => {
      await playground.drawn(3);
      await playground.page.screenshot({ path: `${pictures}/${name}-${theme}.png` });
    });
  }
}

/** Presses the answers one after the other until the right one. @param {Playground} playground @param {any} lesson */
async function answer(playground, lesson) {
  for (let index = 0; index < lesson.question.answers.length; ++index) {
    await playground.page.locator('#lesson .answer').nth(index).click();
    const { lesson: now } = await playground.until('the answer is taken', (state) => state.lesson.question.chosen === index);
    assert.ok(now.question.reply, 'every answer has a reply');
    if (now.question.right) return;
  }
  assert.fail('no answer is right');
}

/** @param {string} id @param {'wide'|'phone'} where */
async function walk(id, where) {
  const playground = await Playground.open(site, {
    experiment: { unroll: 1, view: { lesson: id } },
    options: where === 'phone' ? phone : undefined,
  });
  const number = lessons.findIndex((lesson) => lesson.id === id) + 1;
  for (let step = 1, steps = 1; step <= steps; ++step) {
    const { lesson } = await playground.until(`step ${step} of ${id} is set up`, (state) =>
      state.lesson?.step === step && state.lanes.every((/** @type {any} */ lane) => lane.configured));
    steps = lesson.steps.length;
    try {
      await doing[id][step]?.(playground);
      if (lesson.question) await answer(playground, lesson);
      if (lesson.has_task) await playground.until(`step ${step} of ${id} is done`, (state) => state.lesson.done);
      await picture(playground, `${where}-${number}-${step}`);
    } catch (error) {
      const { lesson: now } = await playground.state();
      throw new Error(`${id}, step ${step}, ${where}: ${JSON.stringify({ check: now?.check, feedback: now?.feedback })}`, { cause: error });
    }
    const next = await playground.until('it can be left', (state) => state.lesson.can_go_on);
    assert.equal(next.lesson.step, step, 'it never goes on by itself');
    await playground.page.locator('#lesson .next').click();
  }
  if (number < lessons.length) await playground.until('the next lesson', (state) => state.lesson?.number === number + 1);
  else await playground.until('the list', (state) => state.lessons?.[number - 1].whole);
  playground.finish();
}

for (const { id } of lessons) {
  test(`${id}: walked to its end on a laptop`, () => walk(id, 'wide'));
  test(`${id}: walked to its end on a phone`, () => walk(id, 'phone'));
}

test('the panel stands beside the canvas on a laptop, above it on a phone, and nothing of it is lost', async () => {
  for (const options of [undefined, phone]) {
    const playground = await Playground.open(site, { experiment: { unroll: 1, view: { lesson: 'recurrent' } }, options });
    await playground.until('it is there', (state) => state.lesson?.steps);
    const { page } = playground;
    const boxes = () => page.evaluate(() => ['lesson', 'canvas', 'fields'].map((id) => {
      const { x, y, width, height } = /** @type {HTMLElement} */ (document.getElementById(id)).getBoundingClientRect();
      return { x, y, width, height };
    }));
    const [panel, canvas, fields] = await boxes();
    const { width, height } = /** @type {{width: number, height: number}} */ (page.viewportSize());
    if (options) {
      assert.ok(panel.height <= 0.4 * height, `${panel.height}`);
      assert.equal(canvas.y, panel.height);
      assert.ok(Math.abs(canvas.height - (height - panel.height)) < 1);
      await page.getByRole('button', { name: 'Fold the lesson' }).click();
      const [folded, larger] = await boxes();
      assert.ok(folded.height < 60);
      assert.equal(larger.y, folded.height);
      await page.getByRole('button', { name: 'Unfold the lesson' }).click();
    } else {
      assert.ok(panel.width >= 320 && panel.width <= 360);
      assert.equal(canvas.width, width - panel.width);
    }
    assert.deepEqual(fields, canvas);
    await playground.drawn(2);
    await playground.click('train');  // its place on the screen
    await playground.until('it trains', ({ step }) => step > 0);  // its 300 steps may be over by now
    await page.getByRole('button', { name: 'Close the lessons' }).click();
    await playground.until('closed', (state) => !state.lesson && !state.lessons);
    assert.equal((await boxes())[1].width, width);
    await playground.press('lessons');
    await playground.until('the list', (state) => state.lessons?.length === lessons.length);
    playground.finish();
  }
});

test('read aloud: title, steps, text, what is to be done, hint, and the buttons, in this order; the keyboard follows', async () => {
  const playground = await Playground.open(site, { experiment: { unroll: 1, view: { lesson: 'recurrent' } } });
  await playground.until('it is there', (state) => state.lesson?.steps);
  const { page } = playground;
  const read = await page.locator('#lesson').ariaSnapshot();
  const order = ['Lesson 1 of 8, step 1 of 7', 'heading "What a recurrent network is" [level=2]', 'button "All lessons"', 'list "Steps of this lesson"',
    'button "1. It guesses the next letter"', 'heading "It guesses the next letter" [level=3]', 'This is a small network',
    'list "To do"', 'Let it train 60 steps, to do', 'button "Hint"', 'button "Back" [disabled]', 'button "Set up again', 'button "Next"'];
  let at = -1;
  for (const part of order) {
    const next = read.indexOf(part, at + 1);
    assert.ok(next > at, `${part} is not read after what comes before:\n${read}`);
    at = next;
  }
  await page.getByRole('button', { name: 'Hint' }).press('Enter');
  await page.getByText('The blue button').waitFor();
  await page.locator('#lesson .next').press('Enter');
  await playground.until('the next step', (state) => state.lesson.step === 2);
  await page.waitForFunction(() => document.activeElement?.textContent === 'The loss is surprise');
  await playground.until('nothing else was pressed by that', (state) => !state.running);
  playground.finish();
});

test('a teacher’s link starts anywhere and keeps what it locks', async () => {
  const playground = await Playground.open(site, {
    experiment: { unroll: 1, view: { lesson: 'gates', lesson_step: 2, lesson_lock: ['next', 'choose', 'hints'], theme: 'dark' } },
  });
  const { lesson, experiment, dark } = await playground.until('set up', (state) => state.lesson?.step === 2 && state.lanes[0].step > 0);
  assert.equal(experiment.lanes[0].cell, 'lstm');
  assert.equal(dark, true);
  assert.equal(lesson.can_go_on, false);
  const { page } = playground;
  assert.equal(await page.locator('#lesson .next').isDisabled(), true);
  assert.equal(await page.getByRole('button', { name: 'All lessons' }).isVisible(), false);
  assert.equal(await page.locator('#lesson .hint').isVisible(), false);
  assert.equal(await page.locator('#lesson .steps button').nth(2).isDisabled(), true);
  await playground.press('lessons');
  await playground.drawn(3);
  assert.equal((await playground.state()).lesson.step, 2);
  playground.finish();
});

test('an unknown lesson is told, and the experiment goes on without it', async () => {
  const playground = await Playground.open(site, { experiment: { unroll: 1, view: { lesson: 'nothing' } } });
  const { problems, experiment } = await playground.until('it is told', (state) => state.problems.length > 0);
  assert.match(problems[0].what, /"nothing" is no lesson/);
  assert.match(problems[0].hint, /recurrent/);
  assert.equal(experiment.view?.lesson, undefined);
  playground.finish();
});

test('a first visit: each of the three choices is one press from a running network, and it is asked once', async () => {
  /** @type {[string, (state: any) => boolean][]} */
  const choices = [
    ['Learn my text', (state) => !state.lesson],
    ['See who remembers', (state) => state.lesson?.id === 'vanishing-gradient'],
    ['Build a cell', (state) => state.lesson?.id === 'build-a-cell'],
  ];
  for (const options of [undefined, phone])
    for (const [name, leads] of choices) {
      const playground = await Playground.open(site, { keeps: true, options });
      const { page } = playground;
      await page.locator('#welcome').waitFor({ timeout: patience });
      const box = /** @type {{y: number, height: number}} */ (await page.locator('#welcome').boundingBox());
      assert.ok(box.y > 60, 'the workbench’s bar stays free');
      if (pictures && name === 'Learn my text') await picture(playground, `${options ? 'phone' : 'wide'}-welcome`);
      await page.locator('#welcome').getByRole('button', { name }).click();
      await playground.until(`${name} leads to a running network`, (state) => state.step > 0 && leads(state));
      assert.equal(await page.locator('#welcome').isVisible(), false);
      if (name === 'Learn my text') await playground.keyboardAt('text');
      await page.goto('about:blank');
      await page.goto(site.address);
      await playground.until('it is there again', (state) => state.keeping?.on);
      await playground.drawn(3);
      assert.equal((await playground.state()).welcome, false);
      playground.finish();
      await page.context().close();
    }
});

test('what was done is known at the next visit, and nothing is kept where keeping is off', async () => {
  for (const keeps of [true, false]) {
    const playground = await Playground.open(site, { keeps, fresh: true, experiment: { unroll: 1, view: { lesson: 'recurrent' } } });
    const { page } = playground;
    await playground.until('it is there', (state) => state.lesson?.steps && (!keeps || state.keeping.on));
    await train(playground);
    await playground.until('the first step is done', (state) => state.lesson.done);
    await playground.drawn(3);
    await page.goto('about:blank');
    await page.goto(site.address);
    await playground.until('it is there again', (state) => state.lanes?.length > 0 && (!keeps || state.keeping.on));
    await playground.press('lessons');
    const { lessons: list } = await playground.until('the list', (state) => state.lessons);
    assert.equal(list[0].done, keeps ? 1 : 0);
    playground.finish();
  }
});


test('the element’s attribute opens a lesson in another origin’s page, and its event tells what was done', async () => {
  const server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(
    `<!doctype html><meta charset="utf-8"><title>host</title><script type="module" src="${site.address}unroll-playground.mjs"></script>
     <unroll-playground lesson="gates 2" load="eager" height="600"></unroll-playground>`));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  try {
    const { page, problems } = await newVisitor(site, { viewport: { width: 1000, height: 700 } }, true);
    await page.addInitScript(() => addEventListener('unroll-lesson', (event) =>
      void (/** @type {any} */ (window).told ??= []).push(/** @type {CustomEvent} */ (event).detail)));
    await page.goto(`http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`);
    /** @param {(told: any) => boolean} condition */
    const told = async (condition) => {
      for (const end = Date.now() + patience; ; await page.waitForTimeout(50)) {
        const all = await page.evaluate(() => /** @type {any} */ (window).told ?? []);
        const found = all.find(condition);
        if (found) return found;
        if (Date.now() > end) throw new Error(`not told: ${JSON.stringify(all)}`);
      }
    };
    assert.deepEqual(await told(({ lesson }) => lesson), { lesson: 'gates', step: 2, steps: 5, passed: false, all_passed: [] });
    await page.evaluate(() => document.querySelector('unroll-playground')?.setAttribute('lesson', 'recurrent'));
    await told(({ lesson, step }) => lesson === 'recurrent' && step === 1);
    await page.evaluate(() => /** @type {any} */ (document.querySelector('unroll-playground')).train(60));
    assert.deepEqual(await told(({ lesson, passed }) => lesson === 'recurrent' && passed),
      { lesson: 'recurrent', step: 1, steps: 7, passed: true, all_passed: [1] });
    const kept = await page.frames()[1].evaluate(() => {
      try {
        return Object.keys(localStorage).filter((name) => name.startsWith('unroll.note'));
      } catch {
        return [];  // the element's frame has no storage at all
      }
    });
    assert.deepEqual(kept, [], 'nothing is kept in a frame');
    assert.deepEqual(problems, []);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
