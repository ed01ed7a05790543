// The files that the program reads while it runs: those that came with the page, and large ones that few need, each fetched
// the first time that it is asked for.

export class Assets {
  /**
   * @param {Map<string, Uint8Array>} files bytes by name @param {string[]} late names of those that are still to be fetched
   * @param {() => void} arrived one of these has come, or will not come
   */
  constructor(files, late, arrived) {
    this.files = files;
    this.late = new Set(late);
    /** @type {Set<string>} */ this.fetching = new Set();
    this.arrived = arrived;
  }

  /** @param {string} name */
  isComing(name) {
    return this.late.has(name);
  }

  /** @param {string} name @returns {Uint8Array|null} null too while it is fetched */
  get(name) {
    if (this.late.has(name) && !this.fetching.has(name)) void this.fetch(name);
    return this.files.get(name) ?? null;
  }

  /** @param {string} name */
  async fetch(name) {
    this.fetching.add(name);
    try {
      const path = `assets/${name}`; // an exported page holds it
      const response = await (window.unrollEarly?.[path] ?? fetch(new URL(path, import.meta.url)));
      if (response.ok) this.files.set(name, new Uint8Array(await response.arrayBuffer()));
    } catch {
      // Without the network it is not there, and the program says so.
    }
    this.late.delete(name);
    this.arrived();
  }
}
