// Files in parts: what the front end writes, and checkpoints of lanes, which may be large and stay in the page (lanes.mjs).

export class Parts {
  /** @param {Map<number, Uint8Array>} held checkpoints by number @param {(name: string, file: Blob) => void} give */
  constructor(held, give) {
    this.held = held;
    this.give = give;
    /** @type {BlobPart[]} */ this.all = [];
  }
  /** @param {number} held @returns {number} bytes */
  size(held) {
    return this.held.get(held)?.length ?? 0;
  }
  /** Nobody needs it any more. @param {number} held */
  drop(held) {
    this.held.delete(held);
  }
  /** The next part of a file. @param {Uint8Array} bytes are copied */
  addBytes(bytes) {
    this.all.push(bytes.slice());
  }
  /** @param {number} held */
  addHeld(held) {
    this.all.push(/** @type {Uint8Array<ArrayBuffer>} */ (this.held.get(held) ?? new Uint8Array()));
  }
  /** @param {string} mime @returns {Blob} what was added */
  take(mime) {
    return new Blob(this.all.splice(0), { type: mime });
  }
  /** To the user. @param {string} name @param {string} mime */
  save(name, mime) {
    this.give(name, this.take(mime));
  }
}
