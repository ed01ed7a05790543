// The experiment in the URL hash, in two forms, and the name of one:
//   #z=…     base64url of the JSON compressed with "deflate-raw": what the page writes
//   #{…}     the JSON itself, percent-encoded or not: for people who write links by hand
//   #kept=…  a record that this browser keeps (shelf.mjs): what the page writes where the experiment is too long for an address
const compressed = '#z=', kept = '#kept=';

/** @param {string} record its id; empty: none @returns {string} the hash, with its '#', or nothing */
export const hashOfRecord = (record) => (record ? kept + record : '');

/** @param {string} hash @returns {string} the record that it names; empty: it names none */
export const recordOf = (hash) => (hash.startsWith(kept) && /^[0-9a-f]{24}$/.exec(hash.slice(kept.length))?.[0]) || '';

/** @param {string} json @returns {Promise<string>} the hash, with its '#' */
export async function hashOf(json) {
  if (typeof CompressionStream === 'undefined') return '#' + encodeURIComponent(json);
  const bytes = await through(new TextEncoder().encode(json), new CompressionStream('deflate-raw'));
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return compressed + btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Most characters of JSON that a hash may unfold to: the text limit (16 MiB) with room for escapes. */
const longestJson = 64 << 20;

/**
 * @param {string} hash location.hash, may be empty
 * @returns {Promise<string|null>} JSON text, not validated; null when the hash holds none
 * @throws {Error} with a sentence for the user, when it cannot be decoded
 */
export async function jsonOf(hash) {
  if (hash.length < 2) return null;
  try {
    if (hash.startsWith(kept)) throw new Error('no experiment');
    if (!hash.startsWith(compressed)) return decodeURIComponent(hash.slice(1));
    const binary = atob(hash.slice(compressed.length).replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (symbol) => symbol.charCodeAt(0));
    const json = await through(bytes, new DecompressionStream('deflate-raw'));
    return new TextDecoder('utf-8', { fatal: true }).decode(json);
  } catch {
    throw new Error('The experiment in the address is damaged or cut off. Ask for the link again.');
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {CompressionStream|DecompressionStream} transform
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function through(bytes, transform) {
  const writer = transform.writable.getWriter();
  const written = Promise.all([writer.write(bytes), writer.close()]);
  written.catch(() => {});  // reading fails then, too, and is where the error is seen
  const reader = transform.readable.getReader();
  /** @type {Uint8Array[]} */ const chunks = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    length += part.value.length;
    if (length > longestJson) {
      await reader.cancel();
      throw new Error('too long');
    }
  }
  await written;
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
