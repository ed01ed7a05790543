// The service worker of a site that `./run dist` made: the page opens without a network once it was visited. It keeps a version of the
// site whole: tools/dist.mjs writes the files of that version into this script, with their hashes. Another version is another script; the
// browser installs it beside this one, and it takes over once it has all its files, or never. From then on visits begin with its page. A
// page names all its other files by its version, so it has files of one version only; those of the version before are kept, too, for
// pages that are open. A script without files gives all up: it waits until no page is open that may still ask for a file that is kept,
// and visits until then begin with the server's page.
'use strict';

/** @type {{version: string, files: Record<string, string>}} by name, from the site's folder: SHA-256, in hexadecimal. No files: all is given up. */
const site = { version: '', files: {} };

const scope = new URL('./', self.location.href);
const ours = `unroll ${scope.pathname} `;
const name = ours + site.version;
const page = 'index.html';

const addressOf = (file) => new URL(file, scope).href;
const digits = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * A file of this version, as an answer that can be kept; null: what came is another's.
 * @param {string} file @param {string} address @param {RequestCache} cache
 */
async function fetched(file, address, cache) {
  const response = await fetch(address, { cache });
  if (!response.ok) return null;
  const bytes = await response.arrayBuffer();
  if (digits(await crypto.subtle.digest('SHA-256', bytes)) !== site.files[file]) return null;
  const headers = new Headers(response.headers);
  for (const of of ['content-encoding', 'content-length', 'transfer-encoding']) headers.delete(of);
  return new Response(bytes, { headers });  // not the response itself, which may be one of a redirection
}

/** The page may be found by the name of its folder alone, and what the browser has of a file may be half of it. @param {string} file */
async function fileOfVersion(file) {
  const [first, last] = file === page ? [scope.href, addressOf(file)] : [addressOf(file), addressOf(file)];
  const answer = (await fetched(file, first, file === page ? 'no-cache' : 'default')) ?? (await fetched(file, last, 'reload'));
  if (!answer) throw new Error(`Unroll, offline: ${file} is not of version ${site.version}; tried again at the next visit`);
  return answer;
}

async function install() {
  if (!site.version) return;
  const files = Object.keys(site.files);
  const answers = await Promise.all(files.map(fileOfVersion));
  await caches.delete(name);  // so that it is the newest
  const cache = await caches.open(name);
  await Promise.all(files.map((file, i) => cache.put(addressOf(file), answers[i])));
  await self.skipWaiting();
}

/** The versions that are kept, the newest last: this one, and the one before it. */
const versions = async () => (await caches.keys()).filter((one) => one.startsWith(ours));

async function tidy() {
  for (const old of (await versions()).slice(0, site.version ? -2 : undefined)) await caches.delete(old);
  if (!site.version) await self.registration.unregister();
}

/** The name of the file that a request is for, or undefined: of no version. */
function fileOf(request) {
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return undefined;
  const file = url.pathname.slice(scope.pathname.length) || page;
  return Object.hasOwn(site.files, file) || file.startsWith('v-') ? file : undefined;
}

async function answer(request, file) {
  const givenUp = file === page && self.registration.waiting;  // all others take over at once
  const fresh = givenUp && (await fetch(request).catch(() => null));
  if (fresh && fresh.status < 400) return fresh;
  const places = file === page ? [name] : await versions();
  for (const cacheName of places.reverse()) {
    const kept = await caches.match(addressOf(file), { cacheName });
    if (kept) return kept;
  }
  return fetch(request);  // of another version, or the browser has thrown it away
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(tidy()));
self.addEventListener('fetch', (event) => {
  const file = fileOf(event.request);
  if (file !== undefined) event.respondWith(answer(event.request, file));
});
