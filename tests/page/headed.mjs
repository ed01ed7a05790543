// Visits in a real window of Chromium with the flags that a person has, on a virtual display:
//   node tests/page/headed.mjs [VISITS]      after ./run test has built the site; says how many opened, and how often the
//                                            graphics were taken away meanwhile
import { launchWindow, openDisplay, until } from './display.mjs';
import { serveSite } from './site.mjs';

const visits = Number(process.argv[2] ?? 20);
const site = await serveSite();
const display = await openDisplay();
let opened = 0;
for (let visit = 1; visit <= visits; ++visit) {
  const browser = await launchWindow(display.name);
  try {
    const page = await browser.newPage();
    await page.addInitScript(() => addEventListener('webglcontextlost', () => {
      Object.assign(window, { losses: (/** @type {any} */ (window).losses ?? 0) + 1 });
    }, true));
    const begin = Date.now();
    await page.goto(site.address);
    const fine = await until('the page is drawn', () => page.evaluate(() => {
      const failure = /** @type {HTMLElement} */ (document.getElementById('failure'));
      if (!failure.hidden) return failure.innerText;
      const ready = window.unroll?.state().lanes?.every((/** @type {any} */ lane) => lane.configured);
      return ready && document.querySelector('#canvas.drawn') && 'open';
    })).catch(String);
    const drawn = Date.now() - begin;
    await page.waitForTimeout(4000);  // the loss comes a moment after the start
    const after = await page.evaluate(() => ({
      losses: /** @type {any} */ (window).losses ?? 0,
      failure: !(/** @type {HTMLElement} */ (document.getElementById('failure')).hidden && /** @type {HTMLElement} */ (document.getElementById('hold')).hidden),
    }));
    if (fine === 'open' && !after.failure) ++opened;
    console.log(`visit ${visit}: ${fine}${after.failure ? ', then a panel' : ''}, drawn after ${drawn} ms, graphics lost ${after.losses} times`);
  } finally {
    await browser.close();
  }
}
console.log(`${opened} of ${visits} visits open`);
display.close();
site.close();
