// Chromium for the benchmark: one browser, a small server without the site's security policy (peers need what it
// forbids), and a way to run a worker there and get its answer.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { launchChromium, root } from '../browser.mjs';

export { root };
/** Where tests/bench/run installs the peers: the packages of tests/bench/package.json. */
export const packages = `${root}/build/bench`;

/** @typedef {Awaited<ReturnType<typeof openBrowser>>} Browser */

/** @type {Record<string, string>} */
const types = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };

/** Serves the first of `folders` that has the file; "/" is an empty page. @param {string[]} folders */
async function serve(folders) {
  const server = createServer(async (request, response) => {
    const name = path.normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (name === '/') return response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>bench</title>');
    for (const folder of folders) {
      const info = await stat(folder + name).catch(() => null);
      if (!info?.isFile()) continue;
      response.writeHead(200, { 'Content-Type': types[path.extname(name)] ?? 'application/octet-stream' });
      return createReadStream(folder + name).pipe(response);
    }
    response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { server, address: `http://127.0.0.1:${port}/` };
}

/** @param {string} modules the folder of the wasm modules */
export async function openBrowser(modules) {
  const { server, address } = await serve([modules, packages, `${root}/tests/bench`]);
  const browser = await launchChromium();
  return {
    /**
     * Starts a worker (a module when its name ends in .mjs), gives it `job`, and returns the message it ends with:
     * one that has no `line`. Lines that it tells before are gathered in `lines`.
     * @param {string} script
     * @param {object} job
     * @returns {Promise<any>}
     */
    async run(script, job) {
      const page = await browser.newPage();
      await page.goto(address);
      const answer = await page.evaluate(
        ([name, message]) =>
          new Promise((resolve) => {
            /** @type {string[]} */ const lines = [];
            const worker = new Worker(`/${name}`, String(name).endsWith('.mjs') ? { type: 'module' } : {});
            worker.onerror = (event) => resolve({ error: event.message ?? 'the worker did not start', lines });
            worker.onmessage = ({ data }) => {
              if ('line' in data) lines.push(data.line);
              else resolve({ ...data, lines });
            };
            worker.postMessage(message);
          }),
        /** @type {[string, object]} */ ([script, job]),
      );
      await page.close();
      return answer;
    },
    newPage: () => browser.newPage({ viewport: { width: 1280, height: 720 } }),
    version: async () => `Chromium ${browser.version()}`,
    async close() {
      await browser.close();
      server.close();
    },
  };
}
