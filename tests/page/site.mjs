// What the tests of the page share: the built site, a visit to it, and a list of everything that went wrong meanwhile.
import { after, afterEach, before } from 'node:test';
import { launchChromium, root } from '../browser.mjs';
import { serve } from '../../tools/serve.mjs';

/**
 * @typedef {object} Site
 * @property {string} address
 * @property {import('playwright-core').Browser} browser
 * @property {() => Promise<void>} closeVisits call it after each test: a page left open would go on training
 * @property {() => Promise<void>} close
 */

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

/** @returns {Promise<Site>} */
export async function openSite() {
  const { address, close } = await serveSite();
  const browser = await launchChromium();
  return {
    address,
    browser,
    async closeVisits() {
      for (const context of browser.contexts()) await context.close();
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

/**
 * A new visitor, with nothing kept from others. `problems` gathers errors on the console (failed loads and violations of
 * the security policy among them) and uncaught exceptions.
 * @param {Site} site
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function newVisitor(site, options) {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  const page = await context.newPage();
  /** @type {string[]} */ const problems = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  return { page, problems };
}
