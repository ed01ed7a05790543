// node tests/bench/kills.mjs [N]: kills Chromium N (20) times at random moments of training and opens it again; what each time was
// lost, in seconds of training, and whether the curve is whole. Needs the built site.
import { hashOf } from '../../web/page/hash.mjs';
import { MortalBrowser } from '../page/killed.mjs';
import { Playground, everyLane } from '../page/playground.mjs';
import { serveSite } from '../page/site.mjs';

const kills = Number(process.argv[2] ?? 20);
const experiment = { unroll: 1, train: { seed: 3 }, lanes: [{ cell: 'rnn', hidden: 64 }, { cell: 'lstm', hidden: 48 }] };
const site = await serveSite();
const browser = new MortalBrowser();
const address = site.address + (await hashOf(JSON.stringify(experiment)));
/** @type {number[]} */ const lost = [];
let recovered = 0;
/** @type {any} */ let last = null;
try {
  for (let kill = 0; kill <= kills; ++kill) {
    const playground = new Playground(await browser.visit(address));
    const ready = await playground.until('the page is there', (state) => state.keeping?.possible &&
      everyLane(state, (lane) => lane.configured) && (kill === 0 || state.keeping.offered));
    if (kill > 0) {
      const [record] = ready.keeping.records;
      await playground.press('go-on');
      const back = await playground.until('it is back', (state) => everyLane(state, (lane) => lane.step > 0));
      const whole = everyLane(back, (lane) => lane.history.steps[0] <= 1 + lane.step / 500 && lane.history.steps.at(-1) === lane.step);
      const seconds = Math.max(...last.lanes.map((/** @type {any} */ lane, /** @type {number} */ i) => lane.seconds - back.lanes[i].seconds));
      lost.push(seconds);
      if (whole && back.step === record.step) ++recovered;
      console.log(`kill ${kill}: at step ${last.step}, back at ${back.step}, ${seconds.toFixed(1)} s of training lost, curve ${whole ? 'whole' : 'BROKEN'}`);
    }
    if (kill === kills) break;
    await playground.press('train');
    await playground.until('it trains', (state) => everyLane(state, (lane) => lane.running));
    await playground.until('something is kept', (state) => state.keeping.records.some((/** @type {any} */ { id }) => id === state.keeping.record));
    await playground.page.waitForTimeout(Math.random() * 24000);
    last = await playground.state();
    await browser.kill();
  }
} finally {
  await browser.end();
  site.close();
}
lost.sort((a, b) => a - b);
console.log(`${recovered} of ${kills} recovered; lost at most ${lost.at(-1)?.toFixed(1)} s, median ${lost[lost.length >> 1]?.toFixed(1)} s`);
