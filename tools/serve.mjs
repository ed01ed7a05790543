// The site's web server for this machine: static files from one folder, on 127.0.0.1 only.
//
//   node tools/serve.mjs FOLDER [--port N] [--open]
//
// Without --port it takes 8080 or the next free one up to 8099. Answers are not compressed: over the loopback that
// only costs time. Browsers may keep files but ask again each time (ETag), so a rebuilt file is never missed. It answers
// to names of this machine only, so that no site on the network can pass itself off as this one (DNS rebinding).

import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, open, realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.vert': 'text/plain; charset=utf-8',
  '.frag': 'text/plain; charset=utf-8',
  '.glsl': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.ttf': 'font/ttf',
  '.otf': 'font/otf',
  '.woff2': 'font/woff2',
  '.safetensors': 'application/octet-stream',
};

/**
 * Nothing but the site's own files runs or loads; wasm may be compiled; any site may embed the page. Workers come from blobs, too:
 * a frame that is sandboxed without an origin gets them from nowhere else.
 */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Of every answer, errors too. */
const headersOfAll = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  Vary: 'Origin',
};

/**
 * Who may read the files besides the site itself: frames that are sandboxed without an origin, which say "null", and pages of this
 * machine, which try the element. That keeps other sites from nothing that matters, for they can make such frames, too: serve only
 * what all the world may read.
 * @param {import('node:http').IncomingMessage} request @returns {Record<string, string>}
 */
function allowance({ headers: { origin } }) {
  const own = origin === 'null' || (origin !== undefined && ownHost.test(origin.replace(/^https?:\/\//, '')));
  return own ? { 'Access-Control-Allow-Origin': origin } : {};
}

/** What a Host header may say: a name or an address that only this machine has, with any port. */
const ownHost = /^(localhost|([\w-]+\.)+localhost|127(\.\d{1,3}){3}|\[::1\])\.?(:\d+)?$/i;

/**
 * The file that a request's path names: opened, or the status of the answer that says why not. Never one outside
 * `folder`, not even through a link.
 * @param {string} folder absolute, without links
 * @param {string} url
 */
async function find(folder, url) {
  try {
    const name = decodeURIComponent(url.split('?', 1)[0]);
    if (name.includes('\0')) return { status: 404 };
    let file = path.join(folder, name);
    if ((await stat(file)).isDirectory()) file = path.join(file, 'index.html');
    file = await realpath(file);
    const info = await stat(file);
    const inside = path.relative(folder, file);
    if (inside.startsWith('..') || path.isAbsolute(inside) || !info.isFile()) return { status: 404 };
    return { file, info, opened: await open(file) };
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EMFILE' || code === 'ENFILE') return { status: 503 };
    return { status: code === 'EACCES' || code === 'EPERM' ? 403 : 404 };
  }
}

/** @type {Record<number, string>} */
const reasons = {
  400: 'This is no request that names a host.',
  403: 'This file may not be read.',
  404: 'Not found',
  405: 'Only GET and HEAD are answered here.',
  503: 'Too many files are open. Try again in a moment.',
};

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {Record<string, string>} [headers]
 * @param {string} [text]
 */
function refuse(response, status, headers = {}, text = reasons[status]) {
  response
    .writeHead(status, { ...headersOfAll, 'Content-Type': 'text/plain; charset=utf-8', ...headers })
    .end(`${text}\n`);
}

/**
 * @param {string} folder absolute, without links
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(folder, request, response) {
  const { host } = request.headers;
  if (host === undefined) return refuse(response, 400, { Connection: 'close' });
  if (!ownHost.test(host)) {
    const here = `http://127.0.0.1:${request.socket.localPort}/`;
    return refuse(response, 403, {}, `Unroll answers to localhost and 127.0.0.1 only. Open ${here}`);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, { Allow: 'GET, HEAD' });
  const found = await find(folder, request.url ?? '/');
  if (!found.opened) return refuse(response, found.status);
  const { file, info, opened } = found;
  try {
    const tag = `"${info.size.toString(16)}-${Math.round(info.mtimeMs).toString(16)}"`;
    const headers = {
      ...headersOfAll,
      ...allowance(request),
      'Content-Type': types[path.extname(file)] ?? 'application/octet-stream',
      'Cache-Control': 'no-cache',
      ETag: tag,
    };
    if (request.headers['if-none-match'] === tag) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(200, { ...headers, 'Content-Length': info.size });
    if (request.method === 'HEAD' || info.size === 0) {
      response.end();
      return;
    }
    // No more than was promised, should the file grow meanwhile.
    await pipeline(opened.createReadStream({ autoClose: false, end: info.size - 1 }), response);
  } catch {
    response.destroy();  // the browser went away, or the file did
  } finally {
    await opened.close();
  }
}

/**
 * The folder without links, or an error whose message is for a person.
 * @param {string} folder
 */
async function readableFolder(folder) {
  try {
    const whole = await realpath(folder);
    if (!(await stat(whole)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    await access(whole, constants.R_OK | constants.X_OK);
    return whole;
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    /** @type {Record<string, string>} */
    const known = {
      ENOENT: 'no such folder',
      ENOTDIR: 'is a file; give the folder that it is in',
      EACCES: 'this folder may not be read; check its rights',
      ELOOP: 'is a link that leads back to itself',
    };
    throw new Error(`${folder}: ${known[code ?? ''] ?? message}`);
  }
}

/**
 * Serves `folder` until `close()` of the result's server. Errors: an unusable folder (`code` is undefined), or what
 * listening gives.
 * @param {string} folder
 * @param {number} port 0 = any free one
 * @returns {Promise<{server: import('node:http').Server, address: string}>}
 */
export async function serve(folder, port) {
  const whole = await readableFolder(folder);
  const server = createServer({ requireHostHeader: false }, (request, response) => answer(whole, request, response));
  server.on('checkExpectation', (request, response) => answer(whole, request, response));
  server.on('clientError', (error, socket) => {
    if (!socket.writable) return socket.destroy();
    const lines = Object.entries(headersOfAll).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join('')}Connection: close\r\n\r\n`);
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  const bound = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { server, address: `http://127.0.0.1:${bound.port}/` };
}

/** Opens the address in the person's browser where there is a display. @param {string} address */
function openBrowser(address) {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  const program =
    process.platform === 'darwin' ? 'open' : DISPLAY || WAYLAND_DISPLAY ? 'xdg-open' : undefined;
  if (program) {
    spawn(program, [address], { stdio: 'ignore', detached: true })
      .on('error', () => {})
      .unref();
  }
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}

/** @param {string[]} words the command line after the program's name */
async function main(words) {
  let folder, port, open = false;
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--open') open = true;
    else if (words[i] === '--port' || words[i].startsWith('--port=')) {
      const text = words[i] === '--port' ? words[++i] : words[i].slice('--port='.length);
      port = Number(text);
      if (!/^\d+$/.test(text ?? '') || port > 65535)
        fail(`--port: ${text ?? 'nothing'} is not a port (allowed: 0 to 65535, 0 = any free one)`);
    } else if (folder === undefined && !words[i].startsWith('--')) folder = words[i];
    else fail(`${words[i]}: unknown option (allowed: --port N, --open)`);
  }
  if (folder === undefined) fail('usage: node tools/serve.mjs FOLDER [--port N] [--open]');

  const ports = port === undefined ? Array.from({ length: 20 }, (_, i) => 8080 + i) : [port];
  for (const candidate of ports) {
    try {
      const { address } = await serve(folder, candidate);
      console.log(`Unroll is at ${address} (Ctrl-C ends it)`);
      if (open) openBrowser(address);
      return;
    } catch (error) {
      const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code === 'EACCES') fail(`Port ${candidate} needs special rights; choose one from 1024 on with --port`);
      if (code !== 'EADDRINUSE') fail(message);
      if (port !== undefined) fail(`Port ${port} is taken; choose another with --port N`);
    }
  }
  fail('All ports from 8080 to 8099 are taken; choose another with --port N');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2));
