// The site's web server for this machine: static files from one folder, on 127.0.0.1 only.
//
//   node tools/serve.mjs FOLDER [--port N] [--open]
//
// Without --port it takes 8080 or the next free one up to 8099. Answers are not compressed: over the loopback that
// only costs time. Browsers may keep files but ask again each time (ETag), so a rebuilt file is never missed.

import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
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

/** Nothing but the site's own files runs or loads; wasm may be compiled; any site may embed the page. */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * The file that a request's path names, or null: never one outside `folder`, not even through a link.
 * @param {string} folder absolute, without links
 * @param {string} url
 */
async function find(folder, url) {
  try {
    const name = decodeURIComponent(url.split('?', 1)[0]);
    if (name.includes('\0')) return null;
    let file = path.join(folder, name);
    if ((await stat(file)).isDirectory()) file = path.join(file, 'index.html');
    file = await realpath(file);
    const info = await stat(file);
    return file.startsWith(folder + path.sep) && info.isFile() ? { file, info } : null;
  } catch {
    return null;
  }
}

/**
 * Serves `folder` until `close()` of the result's server.
 * @param {string} folder
 * @param {number} port 0 = any free one
 * @returns {Promise<{server: import('node:http').Server, address: string}>}
 */
export async function serve(folder, port) {
  folder = await realpath(folder);
  const server = createServer(async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const found = await find(folder, request.url ?? '/');
    if (!found) {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found\n');
      return;
    }
    const { file, info } = found;
    const tag = `"${info.size.toString(16)}-${Math.round(info.mtimeMs).toString(16)}"`;
    const headers = {
      'Content-Type': types[path.extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': contentSecurityPolicy,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-cache',
      ETag: tag,
    };
    if (request.headers['if-none-match'] === tag) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(200, { ...headers, 'Content-Length': info.size });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    createReadStream(file)
      .on('error', () => response.destroy())
      .pipe(response);
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
      const code = /** @type {NodeJS.ErrnoException} */ (error).code;
      if (code === 'ENOENT') fail(`${folder}: no such folder`);
      if (code === 'EACCES') fail(`Port ${candidate} needs special rights; choose one from 1024 on with --port`);
      if (code !== 'EADDRINUSE') throw error;
      if (port !== undefined) fail(`Port ${port} is taken; choose another with --port N`);
    }
  }
  fail('All ports from 8080 to 8099 are taken; choose another with --port N');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2));
