// What is kept in this browser for the next visit: whole experiments as .unroll files (docs/files.md), as records in IndexedDB. Each
// record has two generations, and a newer one takes the place of the older: whatever ends the browser, one is whole. A record
// belongs to the page that writes it, by a Web Lock, so that no tab overwrites another's. When something is kept, and what
// is offered, the front end decides (web/session/keeper.h); this carries the bytes.
import { notice } from './page.mjs';

/**
 * @typedef {object} Kept one generation of a record
 * @property {string} id
 * @property {0|1} slot
 * @property {number} number counts the generations
 * @property {number} savedAt milliseconds since 1970
 * @property {number} bytes
 * @property {string} about JSON, the front end's
 * @property {Blob} file
 */

/** Records that are kept, at most; then the oldest go that no page has. */
const most = 6;
const store = 'records';
const lockOf = (/** @type {string} */ id) => `unroll record ${id}`;
const switchName = 'unroll.keep';
const noteOf = (/** @type {string} */ name) => `unroll.note.${name}`;

const forbidden = 'This browser does not let the page keep anything here (a private window, or its settings). ' +
  'What the networks learn is gone when the page is closed: save it as a file.';

/** @param {unknown} error @returns {string} for people */
function wordsOf(error) {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'QuotaExceededError')
    return 'The browser has no more room for this page, so the last steps are not kept. Save the experiment as a file, or forget what is kept.';
  if (name === 'VersionError')
    return 'What is kept here was kept by a newer Unroll, and stays as it is. Save the experiment as a file, or reload the page.';
  if (['SecurityError', 'InvalidStateError', 'UnknownError', 'NotSupportedError', 'TypeError', 'ReferenceError'].includes(name)) return forbidden;
  return `The browser could not keep the last steps (${name || String(error)}). Save the experiment as a file.`;
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
const finished = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new DOMException('', 'AbortError'));
});

const timeOf = (/** @type {Kept} */ { savedAt }) => new Date(savedAt).toLocaleString();

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Shelf {
  /**
   * @param {() => void} changed takeNews has something
   * @param {(file: {name: string, bytes: Uint8Array, record: string, older: boolean}) => void} opened
   */
  constructor(changed, opened) {
    this.changed = changed;
    this.opened = opened;
    this.trouble = '';
    /** @type {Kept[]} the newest generation of each record, the newest first */ this.records = [];
    /** @type {Map<string, number>} bytes of both generations */ this.room = new Map();
    /** @type {Set<string>} records of this page */ this.mine = new Set();
    /** @type {Set<string>} records that other pages have */ this.taken = new Set();
    /** @type {Set<string>} … whose end is waited for */ this.awaited = new Set();
    /** @type {string|null} */ this.news = null;
    /** One after the other. @type {Promise<unknown>} */ this.last = Promise.resolve();
    /** @type {Promise<IDBDatabase>|null} */ this.opening = null;
    this.switch = true;
    try {
      this.switch = localStorage.getItem(switchName) !== 'off';
    } catch { /* the database will say it */ }
    /** @type {BroadcastChannel|null} */ this.channel = null;
    try {
      this.channel = new BroadcastChannel('unroll kept');
      this.channel.onmessage = () => this.look();
    } catch { /* other tabs are seen when this one is shown again */ }
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.look();
    });
    this.look();
  }

  /** @returns {Promise<IDBDatabase>} */
  database() {
    this.opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open('unroll', 1);
      request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath: ['id', 'slot'] });
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        const over = () => (this.opening = null);
        database.onversionchange = () => (database.close(), over());
        database.onclose = over;
        resolve(database);
      };
    });
    this.opening.catch(() => (this.opening = null));
    return this.opening;
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} after what was begun before */
  inTurn(work) {
    const turn = this.last.then(work);
    this.last = turn.catch(() => {});
    return turn;
  }

  /** @param {string} [id] @returns {Promise<Kept[]>} all generations, the newest of each first */
  async generations(id) {
    const database = await this.database();
    const range = id === undefined ? undefined : IDBKeyRange.bound([id, 0], [id, 1]);
    /** @type {Kept[]} */ const all = await done(database.transaction(store).objectStore(store).getAll(range));
    return all.sort((a, b) => b.number - a.number);
  }

  /** Looks again at what is there. */
  look() {
    return this.inTurn(async () => {
      try {
        const all = await this.generations();
        this.room.clear();
        /** @type {Map<string, Kept>} */ const newest = new Map();
        for (const one of all) {
          this.room.set(one.id, (this.room.get(one.id) ?? 0) + one.bytes);
          if (!newest.has(one.id)) newest.set(one.id, one);
        }
        this.records = [...newest.values()].sort((a, b) => b.savedAt - a.savedAt);
        this.taken = await this.heldElsewhere();
        for (const id of this.taken) if (newest.has(id)) this.awaitEnd(id);
      } catch (error) {
        this.trouble = wordsOf(error);
        this.records = [];
      }
      this.tell();
    });
  }

  /** @returns {Promise<Set<string>>} */
  async heldElsewhere() {
    if (!navigator.locks) return new Set();
    const { held = [] } = await navigator.locks.query();
    const names = new Set(held.filter(({ mode }) => mode === 'exclusive').map(({ name }) => name));
    return new Set(this.records.map(({ id }) => id).filter((id) => names.has(lockOf(id)) && !this.mine.has(id)));
  }

  /** The page that has a record may go, as a reload's predecessor does in a moment. @param {string} id */
  awaitEnd(id) {
    if (this.awaited.has(id)) return;
    this.awaited.add(id);
    navigator.locks.request(lockOf(id), { mode: 'shared' }, () => {}).catch(() => {}).then(() => {
      this.awaited.delete(id);
      this.look();
    });
  }

  /**
   * Makes a record this page's.
   * @param {string} id @param {number} [patience] milliseconds that another page may take to end
   * @returns {Promise<boolean>} false: another page has it, or there are no locks
   */
  claim(id, patience = 0) {
    if (this.mine.has(id)) return Promise.resolve(true);
    if (!navigator.locks) return Promise.resolve(false);
    return new Promise((resolve) => {
      const wish = patience ? { signal: AbortSignal.timeout(patience) } : { ifAvailable: true };
      navigator.locks.request(lockOf(id), wish, (lock) => {
        resolve(lock !== null);
        if (!lock) return undefined;
        this.mine.add(id);
        return new Promise(() => {});  // as long as there is this page
      }).catch(() => resolve(false));
    });
  }

  /** @returns {number|null} when this page kept something last */
  lastOfMine() {
    return this.records.find(({ id }) => this.mine.has(id))?.savedAt ?? null;
  }

  tell() {
    this.news = JSON.stringify({
      possible: true,
      framed: self !== top,
      on: this.switch,
      trouble: this.trouble,
      records: this.records.map(({ id, savedAt, about }) => ({
        id, saved_at: savedAt / 1000, bytes: this.room.get(id) ?? 0, mine: this.mine.has(id), taken: this.taken.has(id), about,
      })),
    });
    this.changed();
  }
  /** @returns {string|null} as platform.h says */
  takeNews() {
    const { news } = this;
    this.news = null;
    return news;
  }

  /** @param {string} record empty: a new one @param {string} about @param {Blob} file @returns {string} which one it is */
  keep(record, about, file) {
    const id = record || newId();
    this.inTurn(async () => {
      try {
        if (!record) await this.claim(id);
        this.mine.add(id);
        const database = await this.database();
        const transaction = database.transaction(store, 'readwrite', { durability: 'strict' });
        const records = transaction.objectStore(store);
        const written = finished(transaction);
        written.catch(() => {});  // where what is asked first fails
        /** @type {Kept[]} */ const before = await done(records.getAll(IDBKeyRange.bound([id, 0], [id, 1])));
        const number = 1 + Math.max(0, ...before.map((one) => one.number));
        records.put({ id, slot: number % 2, number, savedAt: Date.now(), bytes: file.size, about, file });
        await written;
        this.trouble = '';
        if (!record) await this.forgetOldest();
      } catch (error) {
        this.trouble = wordsOf(error);
      }
    }).then(() => this.look()).then(() => this.channel?.postMessage('kept'));
    return id;
  }

  async forgetOldest() {
    const held = await this.heldElsewhere();
    const free = this.records.filter(({ id }) => !held.has(id) && !this.mine.has(id));
    const over = this.records.length + 1 - most;
    for (const { id } of over > 0 ? free.slice(-over) : []) await this.remove(id);
  }

  /** @param {string} [id] without: everything */
  async remove(id) {
    const transaction = (await this.database()).transaction(store, 'readwrite');
    if (id === undefined) transaction.objectStore(store).clear();
    else transaction.objectStore(store).delete(IDBKeyRange.bound([id, 0], [id, 1]));
    await finished(transaction);
  }

  /** @param {string} id empty: everything */
  forget(id) {
    try {
      if (!id) for (const name of Object.keys(localStorage)) if (name.startsWith(noteOf(''))) localStorage.removeItem(name);
    } catch { /* there is none */ }
    this.inTurn(() => this.remove(id || undefined)).catch((error) => (this.trouble = wordsOf(error)))
      .then(() => this.look()).then(() => this.channel?.postMessage('kept'));
  }

  /** @param {string} id @param {boolean} older the generation before the newest */
  open(id, older) {
    this.inTurn(() => this.take(id, older, 0)).catch((error) => notice(wordsOf(error))).then(() => this.look());
  }

  /** What the page's address names: it is opened, and that is said. @param {string} id @returns {Promise<boolean>} it is */
  async openNamed(id) {
    let opened = false;
    await this.inTurn(async () => {
      const [newest] = await this.generations(id);
      if (!newest)
        return notice('The address names an experiment that was saved in another browser, or that was forgotten since: this browser does not ' +
          'have it. Ask for its file, a .unroll file, and open that here.');
      opened = await this.take(id, false, 3000);
      if (opened) notice(`Opened as the address asks: what this browser saved on ${timeOf(newest)}.`);
    }).catch((error) => notice(wordsOf(error)));
    this.look();
    return opened;
  }

  /** @param {string} id @param {boolean} older @param {number} patience as of claim @returns {Promise<boolean>} it is opened */
  async take(id, older, patience) {
    const claimed = await this.claim(id, patience);
    if (!claimed && navigator.locks) {
      const [newest] = await this.generations(id);
      if (newest) notice(
        `Another tab has this experiment now. Go on there, or open a copy here, as it was saved on ${timeOf(newest)}: the two are kept apart.`,
        { label: 'Open a copy', act: () => this.copy(id) },
      );
      return false;
    }
    // Without locks it goes on in a record of its own: two pages may have it.
    return this.hand(id, older, claimed ? id : '');
  }

  /** What another page has and goes on with is opened here, too, to go on in a record of its own. @param {string} id */
  copy(id) {
    this.inTurn(async () => {
      const [newest] = await this.generations(id);
      if (await this.hand(id, false, ''))
        notice(`A copy of what this browser saved on ${timeOf(newest)}. What the other tab learns stays there, and what this one learns stays here.`);
    }).catch((error) => notice(wordsOf(error))).then(() => this.look());
  }

  /** @param {string} id @param {boolean} older @param {string} record it goes on in @returns {Promise<boolean>} it is opened */
  async hand(id, older, record) {
    const generations = (await this.generations(id)).slice(older ? 1 : 0);
    for (const one of generations) {
      try {
        const bytes = new Uint8Array(await one.file.arrayBuffer());
        this.opened({ name: 'What was kept', bytes, record, older: one !== generations[0] || older });
        return true;
      } catch { /* the generation before it */ }
    }
    notice('What was kept could not be read: the browser has lost it.');
    return false;
  }

  /** @param {string} id @param {(file: Blob) => void} save */
  exportTo(id, save) {
    this.generations(id).then(([newest]) => newest && save(newest.file)).catch((error) => notice(wordsOf(error)));
  }

  /** @param {string} name @returns {string} of an earlier visit; empty: none */
  note(name) {
    try {
      return localStorage.getItem(noteOf(name)) ?? '';
    } catch {
      return '';
    }
  }
  /** @param {string} name @param {string} text */
  keepNote(name, text) {
    try {
      localStorage.setItem(noteOf(name), text);
    } catch { /* it holds for this visit */ }
  }

  /** @param {boolean} on */
  turn(on) {
    this.switch = on;
    try {
      localStorage.setItem(switchName, on ? 'on' : 'off');
    } catch { /* it holds for this visit */ }
    this.tell();
  }
}
