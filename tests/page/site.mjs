// What the tests of the page share: the built site, a visit to it, and a list of everything that went wrong meanwhile.
import { after, afterEach, before } from 'node:test';
import { launchChromium, root } from '../browser.mjs';
import { serve } from '../../tools/serve.mjs';

/**
 * @typedef {object} Visitor
 * @property {import('playwright-core').Page} page
 * @property {string[]} problems errors on the console (failed loads and violations of the security policy among them) and
 *   uncaught exceptions
 *
 * @typedef {object} Site
 * @property {string} address
 * @property {import('playwright-core').Browser} browser
 * @property {(wishes: Wishes & {fresh?: boolean}) => Promise<Visitor>} visit a visitor whose page is blank: the one of an
 *   earlier test with the same wishes where that one was given back, else or if asked for a fresh one
 * @property {(visitor: Visitor) => void} giveBack nothing went wrong in the visit: another test may have its page
 * @property {() => Promise<void>} closeVisits call it after each test: a page left open would go on training
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Wishes
 * @property {import('playwright-core').BrowserContextOptions} [options]
 * @property {boolean} [pictures] frames are drawn from the start. Without, the page does all but WebGL's drawing itself,
 *   which in software takes most of the time of a visit, until `window.pictures` is true, and draws rarely while `until` waits long.
 * @property {boolean} [keeps] what is learned is kept in the browser; without, the switch for that is off
 */

/** Milliseconds to wait for what must come, however busy the machine is. */
export const patience = 120000;

/** The built site on a free port; UNROLL_SITE names another folder than build/web/site. */
export async function serveSite() {
  const { server, address } = await serve(process.env.UNROLL_SITE ?? `${root}/build/web/site`, 0);
  return {
    address,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * Runs first in the page: WebGL draws only while `window.pictures`, and while `window.calm` frames come no more often than the
 * page publishes what it shows. Who waits for a training waits for the training then, not for pictures of it.
 */
function drawOnDemand() {
  const request = window.requestAnimationFrame.bind(window), cancel = window.cancelAnimationFrame.bind(window);
  window.requestAnimationFrame = (draw) =>
    /** @type {any} */ (window).calm ? -window.setTimeout(() => draw(performance.now()), 150) : request(draw);
  window.cancelAnimationFrame = (id) => (id < 0 ? clearTimeout(-id) : cancel(id));
  const prototype = /** @type {any} */ (WebGL2RenderingContext.prototype);
  for (const name of ['clear', 'drawArrays', 'drawElements']) {
    const draw = prototype[name];
    prototype[name] = function (/** @type {any[]} */ ...what) {
      if (/** @type {any} */ (window).pictures) draw.apply(this, what);
    };
  }
}

/** @returns {Promise<Site>} */
export async function openSite() {
  const { address, close } = await serveSite();
  const browser = await launchChromium();
  /** By their wishes, at most one of each. @type {Map<string, Visitor>} */ const waiting = new Map();
  /** @type {{visitor: Visitor, wishes: string, whole: boolean}[]} */ const visits = [];
  return {
    address,
    browser,
    async visit({ options, pictures, fresh, keeps }) {
      const wishes = JSON.stringify({ options, pictures, keeps });
      let visitor = fresh ? undefined : waiting.get(wishes);
      if (visitor) {
        waiting.delete(wishes);
        await visitor.page.setViewportSize(options?.viewport ?? usualViewport);  // a test may have changed it
      } else {
        visitor = await newVisitor({ browser }, options, keeps);
        if (!pictures) await visitor.page.addInitScript(drawOnDemand);
      }
      if (!fresh) visits.push({ visitor, wishes, whole: false });
      return visitor;
    },
    giveBack(visitor) {
      for (const visit of visits) visit.whole ||= visit.visitor === visitor;
    },
    // A page that is given back has no document, workers or memory of its visit any more, and Unroll keeps nothing in
    // its browser's storage: what the next test opens in it is a first visit but for the files that the browser has already.
    async closeVisits() {
      for (const { visitor, wishes, whole } of visits.splice(0)) {
        if (!whole || waiting.has(wishes)) continue;
        await visitor.page.goto('about:blank');
        await visitor.page.mouse.move(1, 1);
        visitor.problems.length = 0;
        waiting.set(wishes, visitor);
      }
      const kept = [...waiting.values()].map(({ page }) => page.context());
      for (const context of browser.contexts()) if (!kept.includes(context)) await context.close();
    },
    async close() {
      await browser.close();
      close();
    },
  };
}

/** The site for the tests of a file: it is there while they run, and each test's visits end with it. */
export function useSite() {
  const site = /** @type {Site} */ ({});
  before(async () => void Object.assign(site, await openSite()));
  afterEach(() => site.closeVisits());
  after(() => site.close());
  return site;
}

const usualViewport = { width: 1280, height: 720 };

/**
 * A new visitor, with nothing kept from others.
 * @param {Pick<Site, 'browser'>} site
 * @param {import('playwright-core').BrowserContextOptions} [options] @param {boolean} [keeps]
 * @returns {Promise<Visitor>}
 */
export async function newVisitor(site, options, keeps = false) {
  const context = await site.browser.newContext({ viewport: usualViewport, ...options });
  context.setDefaultTimeout(patience);
  if (!keeps) await context.addInitScript(keepNothing);
  return visitorOf(await context.newPage());
}

function keepNothing() {
  try {
    localStorage.setItem('unroll.keep', 'off');
  } catch { /* a page that may keep nothing anyway */ }
}

/** @param {import('playwright-core').Page} page @returns {Visitor} */
export function visitorOf(page) {
  /** @type {string[]} */ const problems = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  return { page, problems };
}
