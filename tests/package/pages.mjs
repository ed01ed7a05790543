// Pages that use the package, and servers for them.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { fox } from './installed.mjs';

/** A policy that allows what docs/package.md says. */
export const strict = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'";
/** @type {Record<string, string>} */
const types = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };

/** Files of a folder. @param {string} folder @param {Record<string, string>} [headers] @param {string} [host] @returns {Promise<string>} address */
export async function files(folder, headers = {}, host = '127.0.0.1') {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    const file = path.join(folder, pathname === '/' ? 'index.html' : pathname);
    try {
      const content = readFileSync(file);
      response.writeHead(200, { 'Content-Type': types[path.extname(file)] ?? 'text/plain', ...headers }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  server.unref();  // it goes with the process
  return `http://${host}:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/`;
}

/** @param {string} from what is imported */
export const program = (from) => `
  import { Lane } from '${from}';
  const say = (text) => document.body.append(Object.assign(document.createElement('pre'), { id: 'out', textContent: text }));
  try {
    const lane = await Lane.create(${JSON.stringify(fox)});
    const last = await lane.train({ steps: 30 });
    const text = await lane.sample('The ', { length: 20 });
    say('step ' + last.step + ', ' + text.length + ' characters, loss ' + last.loss);
    window.Lane = Lane;
    window.lane = lane;
  } catch (error) {
    say('failed: ' + error.stack);
  }`;
export const html = (/** @type {string} */ script) => `<!doctype html><meta charset="utf-8"><title>x</title><body><script type="module" src="${script}"></script>`;
