// The pictures of docs/: every view at three sizes, light and dark, of networks that have just learned; and that of the README.
//   node tests/page/pictures.mjs [VIEW…]        after ./run test has built the site; writes docs/pictures/*.png
import { mkdirSync } from 'node:fs';
import { root } from '../browser.mjs';
import { Playground, everyLane } from './playground.mjs';
import { openSite } from './site.mjs';

const sizes = {
  wide: { viewport: { width: 1280, height: 720 } },
  frame: { viewport: { width: 640, height: 480 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};
/** What is pressed before the picture is taken, by view. @type {Record<string, string[]>} */
const presses = { step: ['one_step.walk'] };
const views = ['learn', 'timeline', 'memory', 'cell', 'gates', 'weights', 'step', 'readme'];
const wanted = process.argv.slice(2);

/** By the page's button, which is seen only while it has the keyboard. @param {Playground} playground @param {string} action */
async function use(playground, action) {
  await playground.press(action);
  await playground.page.locator('#canvas').focus();
}

/** 300 steps. @param {any} state */
const begun = (state) => everyLane(state, (lane) => lane.step >= 300);
/** The curves of what only memory tells have parted. @param {any} state */
const parted = ({ lanes: [rnn, lstm] }) => lstm.score?.others['decisive loss'] < 0.75 * rnn.score?.others['decisive loss'];

/**
 * After some training, at rest.
 * @param {import('./site.mjs').Site} site @param {object} experiment @param {object} options @param {(state: any) => boolean} [enough]
 */
async function learned(site, experiment, options, enough = begun) {
  const playground = await Playground.open(site, { experiment, options, pictures: true, fresh: true });
  await playground.until('it has learned enough', enough, 600000);
  await use(playground, 'train');
  await playground.untilRunning(false);
  return playground;
}

const site = await openSite();
mkdirSync(`${root}/docs/pictures`, { recursive: true });
for (const view of wanted.length ? wanted : views) {
  if (view === 'readme') {
    const { page } = await learned(site, { unroll: 1, view: { theme: 'light', autoplay: true } }, sizes.wide, parted);
    await page.waitForTimeout(1500);
    await page.screenshot({ path: `${root}/docs/playground.png` });
    await page.context().close();
    continue;
  }
  for (const [size, options] of Object.entries(sizes)) {
    const tracks = view === 'timeline' ? ['surprise', 'guesses', 'c', 'h', 'f', 'saliency', 'flow'] : ['surprise', 'guesses'];
    const lanes = [{ cell: 'lstm', hidden: 64 }, { cell: 'rnn', hidden: 128 }];
    const playground = await learned(site, { unroll: 1, lanes, view: { tab: view, theme: 'light', tracks, autoplay: true } }, options);
    const press = (/** @type {string} */ id) => (size === 'phone' ? playground.tap(id) : playground.click(id));
    for (const id of presses[view] ?? []) await press(id);
    if (size !== 'phone') await playground.page.mouse.move(2, 2);
    for (const theme of ['light', 'dark']) {
      await playground.page.waitForTimeout(presses[view] && theme === 'light' ? 4000 : 1500);
      await playground.page.screenshot({ path: `${root}/docs/pictures/${view}-${size}-${theme}.png` });
      await use(playground, 'theme');
    }
    await playground.page.context().close();
  }
}
await site.closeVisits();
await site.close();
