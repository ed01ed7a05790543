// <unroll-playground>: a live figure in any page. One script, without others; docs/embedding.md tells attributes, methods
// and events. It never takes the focus and never scrolls: who clicks into the figure, or comes by Tab, has its keys.

const version = 1;
/** Milliseconds between two tries to connect. */
const again = 300;
const site = new URL('./', import.meta.url);
/** The tasks that hear, as the engine's table has them: their figures may ask for the microphone. */
const hearing = ['spoken', 'strings'];

/** An error with the parts `where`, `what` and `hint`. @param {{where?: string, what: string, hint?: string}} fault */
const refusal = ({ where = '', what, hint = '' }) =>
  Object.assign(new Error(`${where ? `${where}: ` : ''}${what}${hint ? ` (${hint})` : ''}`), { where, what, hint });

/** What the attribute `view` says: the fields of an experiment's view, or the panels that are the whole figure. @param {string|null} text */
function viewOf(text) {
  const view = text?.trim() ?? '';
  return view.startsWith('{') ? JSON.parse(view) : view ? { show: view.split(/\s+/) } : {};
}

/** What the attribute `lesson` says: its name, and the step if it is not the first. @param {string|null} text */
function lessonOf(text) {
  if (!text?.trim()) return {};
  const [lesson, step = '1'] = text.trim().split(/\s+/);
  return { lesson, lesson_step: Number(step) };
}

/** As paths for `set`. @param {object} view */
const fieldsOf = (view) => Object.fromEntries(Object.entries(view).map(([field, value]) => [`view.${field}`, value]));

const style = `:host { display: block; position: relative; height: 640px; }
  :host([hidden]) { display: none; }
  iframe, button { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; padding: 0; }
  button { background: #8881 center / contain no-repeat; cursor: pointer; font: inherit; color: inherit; }
  span { padding: .6em 1.4em; border-radius: 2em; background: #2459c9; color: #fff; }`;

export class UnrollPlayground extends HTMLElement {
  static observedAttributes = ['experiment', 'view', 'lesson', 'height', 'poster'];
  /** @type {HTMLIFrameElement|null} */ #frame = null;
  /** @type {MessagePort|null} */ #port = null;
  /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */ #asked = new Map();
  #lastId = 0;
  #connection = '';
  #origin = '';
  #timer = 0;
  /** @type {IntersectionObserver|null} */ #observer = null;
  #connected = () => {};
  /** @type {Promise<void>} resolves when the figure answers */ #ready;
  #root;

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();  // not a <style>: the page's security policy may forbid those
    sheet.replaceSync(style);
    this.#root.adoptedStyleSheets = [sheet];
    this.#ready = new Promise((resolve) => (this.#connected = resolve));
  }

  connectedCallback() {
    addEventListener('message', this.#greeted);
    const load = this.getAttribute('load') ?? 'visible';
    if (load === 'eager') return this.start();
    this.#showPoster();
    if (load === 'click') return;
    this.#observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.start(), { rootMargin: '200px' });
    this.#observer.observe(this);
  }

  disconnectedCallback() {
    removeEventListener('message', this.#greeted);
    this.#observer?.disconnect();
    clearInterval(this.#timer);
    this.#port?.close();
    this.#port = null;
    this.#frame = null;
    this.#root.replaceChildren();
    for (const { reject } of this.#asked.values()) reject(refusal({ what: 'the figure was taken out of the page' }));
    this.#asked.clear();
    this.#ready = new Promise((resolve) => (this.#connected = resolve));
  }

  /** @param {string} name @param {string|null} before @param {string|null} now */
  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    if (name === 'height') this.#resize(now === 'auto' ? 0 : parseInt(now ?? ''));
    if (!this.#frame) return name === 'poster' && this.isConnected ? this.#showPoster() : undefined;
    if (name === 'experiment') this.load(this.#document()).catch((error) => this.#tell('error', error));
    const view = name === 'view' ? viewOf(now) : name === 'lesson' ? { lesson: '', ...lessonOf(now) } : null;
    if (view) this.set(fieldsOf(view)).catch((error) => this.#tell('error', error));
  }

  /** @param {number} height CSS pixels; 0: as it is */
  #resize(height) {
    if (height > 0) this.style.height = `${height}px`;
  }

  #showPoster() {
    const button = document.createElement('button');
    button.type = 'button';
    button.ariaLabel = `Start: ${this.getAttribute('title') ?? 'a live figure'}`;
    const poster = this.getAttribute('poster');
    if (poster) button.style.backgroundImage = `url(${JSON.stringify(new URL(poster, document.baseURI).href)})`;
    const word = document.createElement('span');
    word.textContent = '▶ Start';
    button.append(word);
    button.onclick = () => this.start();
    this.#root.replaceChildren(button);
  }

  /** The experiment with the view. @returns {object|null} null: there is none, or it is a link's */
  #document() {
    const text = this.getAttribute('experiment')?.trim();
    if (text?.startsWith('#')) return null;
    const experiment = text ? JSON.parse(text) : {};
    return { unroll: 1, ...experiment, view: { ...experiment.view, ...viewOf(this.getAttribute('view')), ...lessonOf(this.getAttribute('lesson')) } };
  }

  /** Loads the figure now, whatever `load` says. */
  start() {
    if (this.#frame || !this.isConnected) return;
    this.#observer?.disconnect();
    const frame = document.createElement('iframe');
    const page = new URL(this.getAttribute('src') ?? 'index.html', this.hasAttribute('src') ? document.baseURI : site);
    let hears = false;
    try {
      const experiment = /** @type {{data?: {task?: {name: string}}}|null} */ (this.#document());
      hears = hearing.includes(experiment?.data?.task?.name ?? 'text');
      page.hash = experiment ? encodeURIComponent(JSON.stringify(experiment)) : this.getAttribute('experiment')?.trim() ?? '';
    } catch (error) {
      this.#tell('error', refusal({ where: 'experiment', what: `is no JSON: ${/** @type {Error} */ (error).message}` }));
    }
    frame.title = this.getAttribute('title') ?? 'Unroll: recurrent networks that train in this page';
    frame.allow = `clipboard-write; fullscreen${hears ? '; microphone' : ''}`;
    const sandbox = this.getAttribute('sandbox');
    if (sandbox !== null) frame.setAttribute('sandbox', sandbox || 'allow-scripts');
    this.#origin = sandbox !== null && !/allow-same-origin/.test(sandbox) ? 'null' : page.origin;
    frame.src = page.href;
    this.#frame = frame;
    this.#root.replaceChildren(frame);
    this.#connection = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('');
    // Before it is there, the frame is a blank page of the host's, and no message reaches its origin.
    frame.addEventListener('load', () => {
      if (!this.#port && this.#frame === frame) this.#timer = window.setInterval(this.#connect, again);
    }, { once: true });
  }

  #connect = () => {
    if (this.#port || !this.#frame?.contentWindow) return;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      if (data?.type !== 'connected' || data.id !== this.#connection || this.#port) return;
      clearInterval(this.#timer);
      this.#port = port1;
      port1.onmessage = ({ data }) => this.#receive(data);
      this.#connected();
      this.#tell('ready', { version: data.version, engine: data.engine });
    };
    this.#frame.contentWindow.postMessage({ unroll: version, type: 'connect', id: this.#connection },
      this.#origin === 'null' ? '*' : this.#origin, [port2]);
  };

  /** The figure says that it is there, which saves a wait. @param {MessageEvent} event */
  #greeted = ({ source, origin, data }) => {
    if (source === this.#frame?.contentWindow && origin === this.#origin && data?.unroll === version && data.type === 'ready') this.#connect();
  };

  /** @param {any} data */
  #receive(data) {
    const waiting = this.#asked.get(data.id);
    if (waiting) {
      this.#asked.delete(data.id);
      if (data.error) waiting.reject(refusal(data.error));
      else waiting.resolve(data.result);
    } else if (data.event) {
      const { event, ...detail } = data;
      if (event === 'height' && this.getAttribute('height') === 'auto') this.#resize(detail.height);
      this.#tell(event, event === 'error' ? refusal(detail) : detail);
      this.#port?.postMessage({ type: 'heard' });
    }
  }

  /** @param {string} name @param {unknown} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`unroll-${name}`, { detail, bubbles: true }));
  }

  /** @param {string} type @param {object} fields @returns {Promise<any>} */
  async #ask(type, fields = {}) {
    this.start();
    await this.#ready;
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#asked.set(id, { resolve, reject });
      this.#port?.postMessage({ id, type, ...fields });
    });
  }

  /** Resolves when the figure answers. */
  get ready() {
    return this.#ready;
  }
  /** Replaces what is there. @param {object|null} experiment as in links and files */
  load(experiment) {
    return this.#ask('load', { experiment });
  }
  /** Trains all lanes: that many steps, until they are done; without a number until they are paused. @param {number} [steps] */
  train(steps) {
    return this.#ask('train', steps === undefined ? {} : { steps });
  }
  pause() {
    return this.#ask('pause');
  }
  /** Back to step 0 of the same seed. */
  reset() {
    return this.#ask('reset');
  }
  /** @param {Record<string, unknown>} fields by path: `{'view.theme': 'dark', 'train.rate': 0.01}` */
  set(fields) {
    return this.#ask('set', { fields });
  }
  /** @param {string} prompt @param {{lane?: number, length?: number, temperature?: number, topK?: number, topP?: number, seed?: number}} [options] */
  async sample(prompt, options) {
    return (await this.#ask('sample', { prompt, ...options })).text;
  }
  /** @param {string} text @param {{lane?: number, top?: number}} [options] */
  probe(text, options) {
    return this.#ask('probe', { text, ...options });
  }
  /** What it looks like now. @returns {Promise<Blob>} a PNG */
  picture() {
    return this.#ask('picture');
  }
  /** Everything that is shown. */
  state() {
    return this.#ask('state');
  }
}

if (!customElements.get('unroll-playground')) customElements.define('unroll-playground', UnrollPlayground);
