// The messages of the lane protocol (engine/lane/protocol.h) as bytes: the length of the header, 4 bytes little-endian;
// the header, JSON; zeros up to a multiple of 4; the payload.

/** @param {Uint8Array} bytes */
const lengthOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);

/** The header. @param {Uint8Array} bytes @returns {any} */
export function read(bytes) {
  return JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + lengthOf(bytes))));
}

/** Its type, without reading what may be a long text beside it. @param {Uint8Array} bytes @returns {string} */
export function typeOf(bytes) {
  const length = lengthOf(bytes);
  const part = (/** @type {number} */ from, /** @type {number} */ to) => String.fromCharCode(...bytes.subarray(from, to));
  const first = /^\{"type":"(\w+)"/.exec(part(4, 4 + Math.min(length, 40)));
  const last = /,"type":"(\w+)"\}$/.exec(part(4 + Math.max(length - 40, 0), 4 + length));
  return first?.[1] ?? last?.[1] ?? read(bytes).type;
}

/** @param {Uint8Array} bytes @returns {Uint8Array} a view */
export function payloadOf(bytes) {
  return bytes.subarray((4 + lengthOf(bytes) + 3) & ~3);
}

/** @param {object} header @param {Uint8Array} [payload] @returns {Uint8Array<ArrayBuffer>} */
export function eventOf(header, payload = new Uint8Array()) {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const begin = (4 + json.length + 3) & ~3;
  const bytes = new Uint8Array(begin + payload.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 4);
  bytes.set(payload, begin);
  return bytes;
}
