// The pictures of docs/: every view at three sizes, light and dark, of networks that have just learned.
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
const views = ['learn', 'timeline', 'memory', 'cell', 'gates', 'weights', 'step'];
const wanted = process.argv.slice(2);

const site = await openSite();
mkdirSync(`${root}/docs/pictures`, { recursive: true });
for (const view of wanted.length ? wanted : views)
  for (const [size, options] of Object.entries(sizes))
    for (const theme of ['light', 'dark']) {
      const tracks = view === 'timeline' ? ['surprise', 'guesses', 'c', 'h', 'f', 'saliency', 'flow'] : ['surprise', 'guesses'];
      const experiment = {
        unroll: 1,
        train: view === 'step' ? {} : { steps: 300 },
        lanes: [{ cell: 'lstm', hidden: 64 }, { cell: 'rnn', hidden: 128 }],
        view: { tab: view, theme, tracks, autoplay: true },
      };
      const playground = await Playground.open(site, { experiment, options });
      await playground.until('300 steps', (state) => everyLane(state, (lane) => lane.step >= 300));
      const press = (/** @type {string} */ id) => (size === 'phone' ? playground.tap(id) : playground.click(id));
      for (const id of presses[view] ?? []) await press(id);
      await playground.page.waitForTimeout(presses[view] ? 4000 : 1500);
      await playground.page.screenshot({ path: `${root}/docs/pictures/${view}-${size}-${theme}.png` });
      await playground.page.context().close();
    }
await site.closeVisits();
await site.close();
