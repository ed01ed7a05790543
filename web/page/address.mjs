// The page's address. It holds the experiment while that makes it no longer than `longestLink`; beyond that it names what this browser
// keeps of the experiment, where there is such a record (shelf.mjs), and the experiment itself waits in the tab's history.
import { hashOf, hashOfRecord } from './hash.mjs';

/** Longest address that this page itself writes and reads. */
export const longestLink = 60000;

/** Without a hash. */
const page = () => location.href.replace(/#.*$/s, '');

export class Address {
  constructor() {
    /** What is remembered: empty before anything is, and where it is too long for that, too. */ this.json = '';
    this.hash = '';
    /** The record of what is shown; empty: there is none. */ this.record = '';
    this.begun = false;
    this.timer = 0;
  }

  /**
   * Keeps the experiment for a reload (after a short rest, so that typing does not flood the history).
   * @param {string} json empty: it is too long to be kept
   */
  remember(json) {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(async () => {
      const hash = json ? await hashOf(json) : '';
      Object.assign(this, { json, hash, begun: true });
      this.write();
    }, 400);
  }

  /** @param {string} record that is whole in this browser; empty: none is */
  name(record) {
    if (record === this.record) return;
    this.record = record;
    if (this.begun && !this.fits) this.write();
  }

  get fits() {
    return this.json !== '' && page().length + this.hash.length <= longestLink;
  }
  /** @returns {boolean} a reload brings something back */
  get holds() {
    return this.json !== '' || this.record !== '';
  }

  write() {
    if (!this.begun) return;
    const { json } = this;
    const at = page() + (this.fits ? this.hash : hashOfRecord(this.record));
    try {
      history.replaceState(this.fits || !json ? null : { experiment: json }, '', at);
    } catch {  // too long for the history, or a frame that may not touch it
      this.json = this.hash = '';
      try {
        history.replaceState(null, '', page() + hashOfRecord(this.record));
      } catch {}
    }
  }

  /** The address of an experiment. @param {string} json @returns {string|Promise<string>} at once where it stands there already */
  linkOf(json) {
    return this.json === json ? page() + this.hash : hashOf(json).then((hash) => page() + hash);
  }
}
