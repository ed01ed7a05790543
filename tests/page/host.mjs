// A page of somebody else's, on another origin than the playground and under a strict security policy, with figures in it.
import { createServer } from 'node:http';
import { after, before } from 'node:test';
import { newVisitor, patience } from './site.mjs';

export const attributeOf = (/** @type {object} */ experiment) => JSON.stringify(experiment).replaceAll('"', '&quot;');

/**
 * The host for the tests of a file.
 * @param {import('./site.mjs').Site} site
 */
export function useHost(site) {
  /** What stands in the body, by path. @type {Map<string, string>} */ const pages = new Map();
  /** @type {import('node:http').Server} */ let server;
  const host = {
    address: '',
    pages,
    /**
     * Opens a page with this body.
     * @param {string} body @param {import('playwright-core').BrowserContextOptions} [options]
     */
    async open(body, options) {
      const { page, problems } = await newVisitor(site, options);
      /** @type {string[]} */ const asked = [];
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      await page.goto(host.page(body));
      return { page, problems, asked };
    },
    /** The address of a page with this body. @param {string} body */
    page(body) {
      const name = `/${pages.size}`;
      pages.set(name, body);
      return host.address + name;
    },
  };
  before(async () => {
    server = createServer((request, response) => {
      const body = pages.get(request.url ?? '');
      if (request.url === '/host.css') return response.setHeader('Content-Type', 'text/css').end('.far { height: 3000px } iframe, unroll-playground { width: 600px; height: 500px }');
      if (body === undefined) return response.writeHead(404).end();
      const figure = site.address.replace(/\/$/, '');
      response.setHeader('Content-Security-Policy', `default-src 'none'; script-src ${figure}; style-src 'self'; frame-src ${figure} 'self'; img-src data:`);
      response.setHeader('Content-Type', 'text/html').end(
        `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>host</title><link rel="stylesheet" href="host.css"><script type="module" src="${site.address}unroll-playground.mjs"></script>${body}`);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    host.address = `http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return host;
}

/** Calls a method of the n-th element. @param {import('playwright-core').Page} page @param {string} method @param {unknown[]} given @returns {Promise<any>} */
export const call = (page, method, given = [], n = 0) => page.evaluate(async ([method, given, n, patience]) => {
  await customElements.whenDefined('unroll-playground');
  const element = /** @type {any} */ (document.querySelectorAll('unroll-playground')[/** @type {number} */ (n)]);
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`${method} was not answered within ${patience} ms`)), /** @type {number} */ (patience)));
  try {
    return await Promise.race([element[/** @type {string} */ (method)](.../** @type {unknown[]} */ (given)), late]);
  } catch (error) {
    const { message, where, what, hint } = /** @type {any} */ (error);
    return { refused: message, where, what, hint };
  }
}, [method, given, n, patience]);
