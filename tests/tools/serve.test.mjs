// The site's server (tools/serve.mjs).
import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { serve } from '../../tools/serve.mjs';
import { root } from '../browser.mjs';

/** @type {string} */ let folder;
/** @type {Awaited<ReturnType<typeof serve>>} */ let running;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'unroll serve '));
  await mkdir(`${folder}/site/assets`, { recursive: true });
  await writeFile(`${folder}/secret.txt`, 'secret');
  await writeFile(`${folder}/site/index.html`, '<!doctype html><title>x</title>');
  await writeFile(`${folder}/site/engine.wasm`, new Uint8Array([0, 97, 115, 109]));
  await writeFile(`${folder}/site/main.mjs`, 'export {};');
  await symlink(`${folder}/secret.txt`, `${folder}/site/link.txt`);
  running = await serve(`${folder}/site`, 0);
});
after(async () => {
  running.server.close();
  await rm(folder, { recursive: true });
});

/**
 * A request with the path exactly as given (fetch would tidy it).
 * @param {string} target @param {object} [options]
 * @returns {Promise<{status: number, headers: import('node:http').IncomingHttpHeaders, body: string}>}
 */
function get(target, options = {}) {
  const { port } = new URL(running.address);
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: target, ...options }, (response) => {
      let body = '';
      response.on('data', (part) => (body += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    })
      .on('error', reject)
      .end();
  });
}

test('files come with their types and the security policy', async () => {
  const page = await get('/');
  assert.equal(page.status, 200);
  assert.match(page.headers['content-type'] ?? '', /^text\/html/);
  assert.match(String(page.headers['content-security-policy']), /script-src 'self' 'wasm-unsafe-eval';/);
  assert.doesNotMatch(String(page.headers['content-security-policy']), /'unsafe-(eval|inline)'/);
  assert.equal((await get('/engine.wasm')).headers['content-type'], 'application/wasm');
  assert.match((await get('/main.mjs')).headers['content-type'] ?? '', /^text\/javascript/);
  assert.equal((await get('/missing.mjs')).status, 404);
});

test('what the browser has already is not sent again', async () => {
  const first = await get('/main.mjs');
  const again = await get('/main.mjs', { headers: { 'if-none-match': first.headers.etag } });
  assert.equal(again.status, 304);
  assert.equal(again.body, '');
  await writeFile(`${folder}/site/main.mjs`, 'export const changed = 1;');
  assert.equal((await get('/main.mjs', { headers: { 'if-none-match': first.headers.etag } })).status, 200);
});

test('nothing outside the folder is handed out', async () => {
  for (const target of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/../../secret.txt',
    '/link.txt', '//secret.txt', '/%00', '/%zz', '/assets']) {
    const { status, body } = await get(target);
    assert.equal(status, 404, target);
    assert.doesNotMatch(body, /secret/);
  }
  assert.equal((await get('/', { method: 'POST' })).status, 405);
});

test('a port that is taken or impossible gets a clear message', () => {
  const { port } = new URL(running.address);
  const run = (/** @type {string[]} */ ...words) =>
    spawnSync(process.execPath, [`${root}/tools/serve.mjs`, ...words], { encoding: 'utf8', timeout: 10000 });
  assert.match(run(folder, '--port', port).stderr, /is taken.*--port N/);
  assert.match(run(folder, '--port', 'http').stderr, /--port: http is not a port/);
  assert.match(run(`${folder}/none`, '--port', '0').stderr, /no such folder/);
  assert.equal(run(folder, '--colour').status, 1);
});
