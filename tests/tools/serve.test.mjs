// The site's server (tools/serve.mjs).
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { chmod, mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
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
  await writeFile(`${folder}/site/large.bin`, new Uint8Array(8 << 20));
  await symlink('loop', `${folder}/loop`);
  await symlink('round.txt', `${folder}/site/round.txt`);
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

/** Sends these bytes and returns everything that comes back. @param {string} text @returns {Promise<string>} */
function raw(text) {
  return new Promise((resolve, reject) => {
    let all = '';
    const socket = connect(Number(new URL(running.address).port), '127.0.0.1', () => {
      socket.write(text);
    });
    socket.on('data', (part) => (all += part)).on('end', () => resolve(all)).on('error', reject);
  });
}

test('every answer has the security headers, errors too', async () => {
  const etag = String((await get('/main.mjs')).headers.etag);
  const answers = await Promise.all([
    get('/'), get('/', { method: 'HEAD' }), get('/main.mjs', { headers: { 'if-none-match': etag } }), get('/none'),
    get('/', { method: 'POST' }), get('/', { headers: { host: 'example.org' } }), get('/round.txt'),
    get('/', { headers: { expect: 'nothing known' } }),
  ]);
  assert.deepEqual(answers.map((one) => one.status), [200, 200, 304, 404, 405, 403, 404, 200]);
  for (const { status, headers } of answers) {
    assert.match(String(headers['content-security-policy']), /default-src 'self'/, String(status));
    assert.equal(headers['x-content-type-options'], 'nosniff', String(status));
  }
  for (const text of ['GET / HTTP/1.1\r\n\r\n', 'GET / HTTP/1.1\r\nHost: localhost\r\nX\r\n\r\n', 'nonsense\r\n\r\n']) {
    const answer = await raw(text);
    assert.match(answer, /^HTTP\/1\.1 400 /, text);
    assert.match(answer, /Content-Security-Policy: default-src 'self'/, text);
  }
});

test('only names and addresses of this machine are answered (DNS rebinding)', async () => {
  const { port } = new URL(running.address);
  for (const host of ['localhost', `localhost:${port}`, 'LOCALHOST:1', `127.0.0.1:${port}`, '127.1.2.3', `[::1]:${port}`,
    'unroll.localhost', 'localhost.'])
    assert.equal((await get('/', { headers: { host } })).status, 200, host);
  for (const host of ['example.org', `example.org:${port}`, 'localhost.example.org', '127.0.0.1.example.org', 'xlocalhost',
    '10.0.0.1', '[::2]', 'localhost:80:80', '0.0.0.0', 'user@localhost']) {
    const { status, body } = await get('/', { headers: { host } });
    assert.equal(status, 403, host);
    assert.match(body, /localhost and 127\.0\.0\.1 only.*http:\/\/127\.0\.0\.1:\d+\//, host);
  }
});

const openFiles = () => readdirSync('/proc/self/fd').length;

test('a download that is broken off leaves no file open', { skip: process.platform !== 'linux' }, async () => {
  const { port } = new URL(running.address);
  const before = openFiles();
  for (let round = 0; round < 60; round++) {
    await new Promise((resolve) => {
      const asked = request({ host: '127.0.0.1', port, path: '/large.bin', agent: false }, (response) => {
        response.once('data', () => response.destroy()).on('error', () => {}).on('close', resolve);
      });
      asked.on('error', resolve).end();
    });
  }
  for (let waited = 0; openFiles() > before + 5 && waited < 20000; waited += 20)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(openFiles() <= before + 5, `${openFiles()} files are open, ${before} were`);
  assert.equal((await get('/large.bin')).body.length, 8 << 20, 'and whole downloads go on');
});

test('the files may be read by frames without an origin and by pages of this machine, by no other site', async () => {
  const allowed = async (/** @type {string|undefined} */ origin) => (await get('/main.mjs', { headers: origin ? { origin } : {} })).headers['access-control-allow-origin'];
  for (const origin of ['null', 'http://localhost:5173', 'http://127.0.0.1:9', 'https://demo.localhost']) assert.equal(await allowed(origin), origin);
  for (const origin of [undefined, 'https://example.org', 'http://localhost.example.org', 'file://']) assert.equal(await allowed(origin), undefined);
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

test('a folder that cannot be served gets a clear message, never a stack trace', async (t) => {
  const message = (/** @type {string} */ name) => {
    const { status, stderr } = spawnSync(process.execPath, [`${root}/tools/serve.mjs`, name, '--port', '0'],
      { encoding: 'utf8', timeout: 10000 });
    assert.equal(status, 1, name);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    return stderr;
  };
  assert.match(message(`${folder}/none`), /none: no such folder/);
  assert.match(message(`${folder}/secret.txt`), /secret\.txt: is a file; give the folder/);
  assert.match(message(`${folder}/secret.txt/x`), /is a file; give the folder/);
  assert.match(message(`${folder}/loop`), /loop: is a link that leads back to itself/);
  assert.match(message(`${folder}/${'x'.repeat(300)}`), /name too long/i);
  await mkdir(`${folder}/closed`);
  await chmod(`${folder}/closed`, 0);
  if (process.getuid?.() === 0) return t.diagnostic('root may read every folder, so that message was not tried');
  assert.match(message(`${folder}/closed`), /closed: this folder may not be read/);
});
