// The page's side of docs/embedding.md: what the page around the frame may ask, and what it is told. It is the parent
// window alone, by a port that it has sent with an id; everything else is ignored. Commands go to the front end
// (web/obeyed.cpp) without waiting for a frame, so they are answered while the frame is out of sight, too.

const version = 1;
/** Requests under way. */
const mostRequests = 64;
/** Events between two `heard`. */
const mostUnheard = 16;
/** Milliseconds between two greetings until somebody connects, and how many of them. */
const greetingPeriod = 400, greetings = 25;

/**
 * @typedef {{where: string, what: string, hint: string}} Fault
 * @typedef {Record<string, any>} Fields
 */

/** @param {string} where @param {string} what @param {string} hint @returns {never} */
function refuse(where, what, hint) {
  throw { where, what, hint };
}

const isObject = (/** @type {unknown} */ value) => typeof value === 'object' && value !== null && !Array.isArray(value);

export class Embedding {
  /** @param {import('./bridge.mjs').Host} host @param {string} engine */
  constructor(host, engine) {
    this.host = host;
    this.engine = engine;
    /** @type {MessagePort|null} */ this.port = null;
    /** Whom the first connection came from. */ this.origin = '';
    this.connection = '';
    this.requests = 0;
    this.lastCommand = 0;
    this.pump = 0;
    /** Who waits for a state. @type {Set<(state: any) => void>} */ this.watchers = new Set();
    /** The last question to a lane: they wait for each other. @type {Promise<unknown>} */ this.questions = Promise.resolve();
    this.unheard = 0;
    /** Events that wait to be heard, the newest of each kind. @type {Map<string, object>} */ this.waiting = new Map();
    this.told = { metrics: '', state: '', lesson: 'null', problems: 0, height: 0 };
    /** Height that the canvas wants, in CSS pixels; 0: not known yet. */ this.wanted = 0;
    if (self === top) return;
    host.published = (state) => this.follow(state);
    host.measured = () => this.tellHeight();
    addEventListener('message', (event) => this.greeted(event));
    let left = greetings;
    const greet = () => {
      if (this.port || left-- === 0) return;
      parent.postMessage({ unroll: version, type: 'ready' }, '*');  // nothing that anybody may not know
      setTimeout(greet, greetingPeriod);
    };
    greet();
  }

  /** @param {MessageEvent} event */
  greeted({ data, source, origin, ports }) {
    if (source !== parent || !isObject(data) || data.unroll !== version || data.type !== 'connect') return;
    if (typeof data.id !== 'string' || data.id.length > 100 || ports.length !== 1) return;
    if (this.origin && origin !== this.origin) return;
    this.origin = origin;
    if (this.port && this.connection === data.id) return ports[0].close();  // it asked again before it was answered
    this.port?.close();
    this.connection = data.id;
    this.port = ports[0];
    this.unheard = 0;
    this.waiting.clear();
    this.told = { metrics: '', state: '', lesson: 'null', problems: this.state().problems?.length ?? 0, height: 0 };
    this.port.onmessage = ({ data }) => this.asked(data);
    this.port.postMessage({ type: 'connected', id: data.id, version, engine: this.engine });
    this.follow(this.state());
  }

  /** @returns {any} what the front end published last */
  state() {
    return JSON.parse(this.host.stateJson);
  }

  // --- Requests -------------------------------------------------------------------------------------------------------

  /** @param {any} data */
  async asked(data) {
    const { port } = this;
    if (!port || !isObject(data)) return;
    if (data.type === 'heard') {
      this.unheard = 0;
      return this.flush();
    }
    const { id, type, ...fields } = data;
    if (!Number.isSafeInteger(id)) return;
    const answer = Object.hasOwn(answers, type) ? answers[/** @type {keyof typeof answers} */ (type)] : null;
    try {
      if (!answer) refuse('type', `found ${JSON.stringify(type)}`, `allowed: ${Object.keys(answers).join(', ')}`);
      if (this.requests >= mostRequests) refuse('', `${mostRequests} requests are under way`, 'wait for their answers');
      ++this.requests;
      this.keepGoing();
      try {
        port.postMessage({ id, result: await answer(this, fields) });
      } finally {
        --this.requests;
      }
    } catch (error) {
      const { where = '', what = String(error), hint = '' } = /** @type {Fault} */ (error);
      port.postMessage({ id, error: { where, what, hint } });
    }
  }

  /** While a request is under way, the front end takes its lanes' answers although it may be out of sight. */
  keepGoing() {
    if (this.pump) return;
    this.pump = window.setInterval(() => {
      if (this.requests === 0) {
        clearInterval(this.pump);
        this.pump = 0;
        return;
      }
      if (performance.now() - this.host.frame.begin > 90) this.host.answer();
      const state = this.state();
      for (const watcher of [...this.watchers]) watcher(state);
    }, 100);
  }

  /**
   * A command of web/obeyed.cpp. Rejects with what it says.
   * @param {Fields} fields
   */
  async command(fields) {
    const id = ++this.lastCommand;
    const done = this.when(({ host }) => host.id >= id);
    this.host.obey({ id, ...fields });
    const { host } = await done;
    if (host.id === id && host.error) throw host.error;
  }

  /** The first published state that is so, from now on. @param {(state: any) => unknown} condition @returns {Promise<any>} */
  when(condition) {
    return new Promise((resolve) => {
      const look = (/** @type {any} */ state) => {
        if (!condition(state)) return;
        this.watchers.delete(look);
        resolve(state);
      };
      this.watchers.add(look);
    });
  }

  /** Looks at the present state, too. @param {(state: any) => unknown} condition */
  whenOrNow(condition) {
    const state = this.state();
    return condition(state) ? Promise.resolve(state) : this.when(condition);
  }

  /**
   * A question to a lane; one waits for the other.
   * @param {number} lane @param {Fields} command @returns {Promise<{header: any, values: (number|null)[]}>}
   */
  question(lane, command) {
    const ask = async () => {
      await this.whenOrNow((state) => !state.lanes[lane] || settled(state));
      const id = ++this.lastCommand;
      /** @type {any} */ let told;
      const done = this.when(({ host }) => {
        told = host.answers.find((/** @type {any} */ one) => one.id === id);
        return told || (host.id === id && host.error);
      });
      this.host.obey({ id, type: 'ask', lane, command });
      const { host } = await done;
      const error = told ? told.error : host.error;
      if (error) throw error;
      return told;
    };
    const answer = this.questions.then(ask);
    this.questions = answer.catch(() => {});
    return answer;
  }

  // --- Events ---------------------------------------------------------------------------------------------------------

  /** @param {any} state */
  follow(state) {
    for (const watcher of [...this.watchers]) watcher(state);
    if (!this.port || !state.lanes) return;
    const lanes = state.lanes.map((/** @type {any} */ { name, step, loss, smooth, valid, score, chars_per_second, running }) =>
      ({ name, step, loss, smooth, valid: valid.at(-1) ?? null, score, chars_per_second, running }));
    this.tell('metrics', { step: state.step, running: state.running, lanes });
    const { running, changed, dark, tab, experiment } = state;
    this.tell('state', { running, changed, dark, tab, experiment });
    this.tell('lesson', lessonOf(state.lesson));
    for (const problem of state.problems.slice(this.told.problems)) this.send({ event: 'error', ...problem });
    this.told.problems = state.problems.length;
    this.wanted = state.host.height;
    this.tellHeight();
  }

  /** It follows from the state and from the page: a lesson above the canvas is folded, or stands beside it, without the front end. */
  tellHeight() {
    if (!this.port || !this.wanted) return;
    const height = this.host.lesson.around(this.wanted);
    if (height !== this.told.height) this.send({ event: 'height', height: (this.told.height = height) });
  }

  /** Tells what differs from what was told. @param {'metrics'|'state'|'lesson'} event @param {object|null} content */
  tell(event, content) {
    const json = JSON.stringify(content);
    if (json === this.told[event]) return;
    this.told[event] = json;
    this.send({ event, ...(content ?? { lesson: null }) });
  }

  /** Of what is not heard, the newest event of each kind waits. @param {{event: string, [field: string]: unknown}} event */
  send(event) {
    this.waiting.set(event.event, event);
    this.flush();
  }

  flush() {
    for (const [kind, event] of this.waiting) {
      if (this.unheard >= mostUnheard) return;
      ++this.unheard;
      this.waiting.delete(kind);
      this.port?.postMessage(event);
    }
  }
}

/** The open step, whether it was done, and all that were, so that the newest event tells everything. @param {any} lesson null: none is open */
function lessonOf(lesson) {
  if (!lesson?.steps) return null;
  const passed = lesson.steps.flatMap((/** @type {any} */ { done }, /** @type {number} */ at) => (done ? [at + 1] : []));
  return { lesson: lesson.id, step: lesson.step, steps: lesson.steps.length, passed: lesson.done, all_passed: passed };
}

/** @param {Fields} fields @param {string} name @param {unknown} otherwise @param {string} type */
function field(fields, name, otherwise, type) {
  const value = fields[name] ?? otherwise;
  if (typeof value !== type) refuse(name, value === undefined ? 'is missing' : `found ${JSON.stringify(value)}`, `allowed: a ${type}`);
  return value;
}

/** Every lane has a network, or has said why not. */
const settled = (/** @type {any} */ { lanes }) => lanes.every((/** @type {any} */ lane) => lane.configured || lane.refused || lane.ended);

const brief = (/** @type {any} */ { step, running, lanes }) => ({ step, running, lanes: lanes.map((/** @type {any} */ { name, step, parameters }) => ({ name, step, parameters })) });

/** @type {Record<string, (embedding: Embedding, fields: Fields) => unknown>} */
const answers = {
  state: (embedding) => {
    embedding.host.answer();
    return embedding.state();
  },

  async load(embedding, { experiment }) {
    if (!isObject(experiment)) refuse('experiment', 'is missing', 'give the experiment as an object');
    embedding.host.figure.drive(false);
    await embedding.command({ type: 'load', experiment: { unroll: 1, ...experiment } });
    const state = await embedding.whenOrNow(settled);
    const refused = state.lanes.findIndex((/** @type {any} */ lane) => !lane.configured);
    if (refused >= 0) refuse(`lanes[${refused}]`, state.lanes[refused].refused ?? 'its worker ended', 'the others stand ready');
    return brief(state);
  },

  async train(embedding, { steps }) {
    if (steps !== undefined && !(Number.isSafeInteger(steps) && steps > 0)) refuse('steps', `found ${JSON.stringify(steps)}`, 'allowed: whole numbers from 1');
    const before = await embedding.whenOrNow(settled);
    const targets = before.lanes.map((/** @type {any} */ { step }) => step + (steps ?? 0));
    embedding.host.figure.drive(true);
    await embedding.command({ type: 'train', ...(steps === undefined ? {} : { steps }) });
    if (steps === undefined) return brief(embedding.state());
    const begin = performance.now();
    let ran = false;
    return brief(await embedding.when((state) => {
      ran ||= state.running;
      const there = state.lanes.every((/** @type {any} */ lane, /** @type {number} */ at) => lane.step >= targets[at] || lane.diverged || lane.ended || lane.refused);
      return !state.running && (there || ran || performance.now() - begin > 2000);  // paused meanwhile, or at the experiment's own end
    }));
  },

  async pause(embedding) {
    embedding.host.figure.drive(false);
    await embedding.command({ type: 'pause' });
    return brief(await embedding.whenOrNow(({ running }) => !running));
  },

  async reset(embedding) {
    await embedding.command({ type: 'reset' });
    return brief(await embedding.whenOrNow((state) => settled(state) && state.step === 0));
  },

  async set(embedding, { fields }) {
    await embedding.command({ type: 'set', fields });
    return null;
  },

  async picture(embedding) {
    const picture = embedding.host.figure.nextPicture();
    await embedding.command({ type: 'picture' });
    return picture;
  },

  async sample(embedding, fields) {
    const { lane = 0, length = 200, temperature = 0.8, topK = 0, topP = 1, seed = 1 } = fields;
    const prompt = field(fields, 'prompt', undefined, 'string');
    const { header } = await embedding.question(lane, { type: 'sample', prompt, length, temperature, top_k: topK, top_p: topP, seed });
    return { text: header.text, unknown: header.unknown, step: header.step };
  },

  async probe(embedding, fields) {
    const { lane = 0, top = 3 } = fields;
    const text = field(fields, 'text', undefined, 'string');
    const { header, values } = await embedding.question(lane, { type: 'probe', text, top });
    const symbols = [...header.text], n = symbols.length, known = embedding.state().lanes[lane].vocabulary;
    const guess = (/** @type {number} */ at) => ({ symbol: known[Number(values[n + at])], probability: values[n + n * header.top + at] });
    return {
      symbols,
      losses: values.slice(0, n),
      guesses: symbols.map((_, at) => (at ? Array.from({ length: header.top }, (_, i) => guess(at * header.top + i)) : [])),
      unknown: header.unknown,
      step: header.step,
    };
  },

  async ask(embedding, { lane = 0, command }) {
    if (!isObject(command)) refuse('command', 'is missing', 'give a command of the lane protocol');
    const { header, values } = await embedding.question(lane, command);
    return { header, values };
  },
};
