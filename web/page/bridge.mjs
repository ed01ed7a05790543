// The page's side of web/platform/platform.h: everything the C++ front end asks of the browser, as one object `host`.
//
// main.mjs passes it to the front end's Emscripten module as `Module.host`; platform_web.cpp calls its functions
// through EM_JS one-liners that only translate types (UTF8ToString, HEAPU8.subarray, stringToNewUTF8, _malloc).
// The front end is never called except for `_unroll_frame()`, which draws one frame and returns when it wants another
// one: 0 = when something happens, 1 = at once (animation), −1 = at once (input waits), n = after n milliseconds. Everything else that happens (a lane's event, an edit, a dropped file, a pressed button, a resize)
// is queued here, wakes the frame loop, and is taken by the front end during the next frame. A frame is made without a
// picture while there is nothing to draw on (the graphics context is lost) or nobody to see it (a hidden tab, or a frame
// that the page around it has scrolled away).
// Pointer and key events of the canvas are the front end's own business: it should listen on the canvas (#canvas has
// a tabindex), not on the window, so that typing into a DOM field never reaches it; those events wake the loop too.
import { Assets } from './held.mjs';
import { ActionButtons } from './actions.mjs';
import { Address } from './address.mjs';
import { filesOf } from './dropped.mjs';
import { TextFields } from './fields.mjs';
import { Figure } from './figure.mjs';
import { GlyphPainter } from './glyphs.mjs';
import { jsonOf, recordOf } from './hash.mjs';
import { LessonPanel } from './lesson.mjs';
import { Microphone } from './microphone.mjs';
import { NumberFields } from './numbers.mjs';
import { byId, messageOf, notice } from './page.mjs';
import { Parts } from './parts.mjs';
import { SharePanel } from './share.mjs';
import { Shelf } from './shelf.mjs';

/**
 * @typedef {object} HostFile
 * @property {string} name
 * @property {Uint8Array} bytes
 * @property {'open'|'drop'|'kept'} source
 * @property {string} [record] it was kept in this one (platform.h)
 * @property {boolean} [older]
 */

/**
 * @typedef {object} HostParts
 * @property {HTMLCanvasElement} canvas
 * @property {import('./graphics.mjs').Graphics} graphics
 * @property {import('./lanes.mjs').LanePool} lanes
 * @property {Map<string, Uint8Array>} assets    file bytes by name ("fonts/Inter.ttf")
 * @property {string[]} late                     names of those that are fetched when they are asked for
 * @property {string|null} experiment            JSON text of the experiment the address asks for
 * @property {string} record                     what is kept and the address asks for; empty: nothing
 */

export class Host {
  /** @param {HostParts} parts */
  constructor(parts) {
    this.canvas = parts.canvas;
    this.graphics = parts.graphics;
    this.lanes = parts.lanes;
    this.assets = new Assets(parts.assets, parts.late, () => this.wakeNow());
    this.fields = new TextFields(byId('fields'), () => this.wakeNow());
    this.numbers = new NumberFields(byId('fields'), this.canvas, () => this.wakeNow());
    this.glyphs = new GlyphPainter();
    this.microphone = new Microphone(() => this.wake(true));
    this.sharing = new SharePanel((name, bytes, mime) => this.saveFile(name, bytes, mime), () => JSON.parse(this.stateJson).panels ?? []);
    this.actions = new ActionButtons(byId('actions'), () => this.wakeNow());
    this.lesson = new LessonPanel((action) => {
      this.actions.taken.push(action);
      this.answer();
    });
    /** @type {HostFile[]} */ this.files = [];
    this.parts = new Parts(this.lanes.held, (name, file) => this.saveBlob(name, file));
    this.shelf = new Shelf(() => this.wake(), (file) => {
      this.files.push({ ...file, source: 'kept' });
      this.wakeNow();
    });
    this.hides = false;
    /** @type {string[]} */ this.experiments = parts.experiment === null ? [] : [parts.experiment];
    this.address = new Address();
    this.stateJson = '{}';
    this.widgetsJson = '{}';
    this.size = { width: 1, height: 1, pixelWidth: 1, pixelHeight: 1 };
    /** Where the canvas begins, in CSS pixels of the page: a lesson may stand above it. */ this.top = 0;
    /** @type {{_unroll_frame(): number}|null} */ this.program = null;
    /** The loop: frames drawn, when the next one is due, and begin and cost of the last one, in milliseconds. */
    this.frame = { count: 0, due: Infinity, timer: 0, request: 0, unseen: 0, begin: -Infinity, cost: 0, runs: false };
    this.figure = new Figure(this.canvas, this.graphics, this.lanes, () => this.turn());
    /** What the front end shows, whenever it changes. @type {((state: any) => void)|null} */ this.published = null;
    /** Whenever the canvas has another size. @type {(() => void)|null} */ this.measured = null;
    this.queries = ['(prefers-color-scheme: dark)', '(prefers-reduced-motion: reduce)', '(pointer: coarse)'].map(
      (query) => matchMedia(query),
    );
    this.listen();
    if (parts.record) this.shelf.openNamed(parts.record);
  }

  // --- Frames ---------------------------------------------------------------------------------------------------

  /** Called by main.mjs once the front end's init has run. @param {{_unroll_frame(): number}} program */
  start(program) {
    this.program = program;
    this.figure.begin();
    this.wake();
  }

  /**
   * Something changed: draw soon. Frames of this kind are spaced so that drawing (the graphics processor's part, too:
   * it may be software on a core that a lane wants) takes at most about a sixth of the time, at most 30 and at
   * least 2 times a second. An answer that somebody waits for is drawn sooner.
   * @param {boolean} [soon]
   */
  wake(soon = false) {
    if (this.unseen) return this.followUnseen();
    const distance = Math.min(450, Math.max(1000 / 30, (soon ? 1 : 6) * this.frame.cost));
    const rest = this.frame.begin + distance - performance.now();
    this.drawIn(Math.max(0, rest));
  }

  /** One frame then, even if nothing happens until then. @param {number} seconds */
  wakeIn(seconds) {
    this.drawIn(seconds * 1000);
  }

  /** The user did something: draw at once. */
  wakeNow() {
    this.drawIn(0);
  }

  /** @param {number} milliseconds the frame comes then, or earlier when somebody asks for that */
  drawIn(milliseconds) {
    const due = performance.now() + milliseconds;
    if (!this.program || due >= this.frame.due) return;
    clearTimeout(this.frame.timer);
    this.frame.due = due;
    if (milliseconds >= 4) this.frame.timer = window.setTimeout(() => this.request(), milliseconds);
    else this.request();
  }

  request() {
    this.frame.due = -Infinity;  // nobody can ask for an earlier one
    // Who is unseen is never asked for a picture. This may be called within a frame, so the next one is no part of it.
    if (this.unseen) this.frame.timer = window.setTimeout(() => this.draw(), 0);
    else this.frame.request = requestAnimationFrame(() => this.draw());
  }

  /**
   * While nobody looks, the lanes go on and their events are taken once a second, so that they do not pile up for as
   * long as the tab is hidden. Their messages come unhindered, where timers are held back by minutes; but a lane whose
   * messages were not taken falls silent, and the last one may come too early.
   */
  followUnseen() {
    if (!this.program || this.frame.runs) return;
    clearTimeout(this.frame.unseen);
    const rest = this.frame.begin + 1000 - performance.now();
    if (rest > 0) {
      this.frame.unseen = window.setTimeout(() => this.unseen && this.followUnseen(), rest);
      return;
    }
    const end = performance.now() + 200;
    do this.draw();
    while (this.lanes.waits && performance.now() < end);
  }

  /** @returns {boolean} nobody can see the page */
  get unseen() {
    return this.figure.unseen;
  }

  /** The page was hidden or is shown: what was asked for before will not come, or is late. */
  turn() {
    clearTimeout(this.frame.timer);
    cancelAnimationFrame(this.frame.request);
    this.frame.due = Infinity;
    this.figure.rank();
    this.wakeNow();
  }

  /** @param {boolean} [now] although the frame before is not on the screen yet @returns {number} as _unroll_frame */
  draw(now = false) {
    if (this.graphics.busy && this.draws() && !now) {  // frames must not queue up
      this.frame.request = requestAnimationFrame(() => this.draw());
      return 0;
    }
    const begin = performance.now();
    const draws = this.draws();
    this.frame.begin = begin;
    this.frame.due = Infinity;
    this.frame.runs = true;
    const next = this.program?._unroll_frame() ?? 0;
    this.frame.runs = false;
    this.fields.endFrame();
    this.numbers.endFrame();
    ++this.frame.count;
    this.lanes.begin();
    if (draws) {
      if (!this.canvas.classList.contains('drawn')) {
        this.canvas.classList.add('drawn');
        byId('loading').hidden = true;
      }
      this.graphics.finish(() => (this.frame.cost = performance.now() - begin));
    }
    if (next !== 0) this.drawIn(next <= 1 ? 0 : next);
    return next;
  }

  /**
   * The user's click, tap or key is answered before its event is over: browsers copy, and open files, for a page only
   * then. Dear ImGui takes one change of a button or a key in a frame, and where frames are slow those of some keys
   * wait before the click. A frame may click itself, on the file input: that is no click of the user's.
   */
  answer() {
    if (!this.program || this.frame.runs) return;
    for (let frames = 0, next = -1; next === -1 && frames < 24; ++frames) {
      clearTimeout(this.frame.timer);
      cancelAnimationFrame(this.frame.request);
      this.frame.due = Infinity;
      next = this.draw(true);
    }
  }

  /** @returns {boolean} this frame has a picture */
  draws() {
    return this.graphics.there && (!this.unseen || this.figure.pictured);
  }
  /** @returns {number} another one when everything on the graphics processor is gone */
  graphicsGeneration() {
    return this.graphics.generation;
  }

  // --- Canvas and surroundings ----------------------------------------------------------------------------------

  /** Gives the canvas its pending size in device pixels; call it at the start of a frame. */
  fitCanvas() {
    const { pixelWidth, pixelHeight } = this.graphics.freed ? { pixelWidth: 1, pixelHeight: 1 } : this.size;
    if (this.canvas.width !== pixelWidth) this.canvas.width = pixelWidth;
    if (this.canvas.height !== pixelHeight) this.canvas.height = pixelHeight;
  }
  /** @returns {number} width of the canvas in CSS pixels, the layout unit */
  width() {
    return this.size.width;
  }
  /** @returns {number} height of the canvas in CSS pixels */
  height() {
    return this.size.height;
  }
  /** @returns {number} device pixels per CSS pixel */
  pixelRatio() {
    return this.size.pixelWidth / this.size.width;
  }
  /** @returns {boolean} */
  prefersDark() {
    return this.queries[0].matches;
  }
  /** @returns {boolean} */
  prefersReducedMotion() {
    return this.queries[1].matches;
  }
  /** @returns {boolean} */
  touchFirst() {
    return this.queries[2].matches;
  }
  /** Mouse cursor over the canvas. @param {string} name a CSS cursor */
  setCursor(name) {
    this.canvas.style.cursor = name;
  }
  /**
   * Colours of the DOM parts (page, text fields), so that they look like the rest; 0xRRGGBB.
   * @param {boolean} dark
   * @param {number} page @param {number} field background of a field @param {number} text
   * @param {number} dim placeholder text @param {number} border @param {number} accent focus and selection
   */
  setColours(dark, page, field, text, dim, border, accent) {
    const style = document.documentElement.style;
    style.colorScheme = dark ? 'dark' : 'light';
    for (const [name, value] of Object.entries({ page, field, text, dim, border, accent }))
      style.setProperty(`--${name}`, '#' + value.toString(16).padStart(6, '0') + (name === 'field' ? 'fe' : ''));
  }

  // --- Lanes ------------------------------------------------------------------------------------------------------

  /** A new lane in a worker of its own. @returns {number} its id, ≥ 1 */
  openLane() {
    return this.lanes.open((soon) => this.wake(soon));
  }
  /** @param {number} id @param {Uint8Array} command is copied */
  sendLane(id, command) {
    this.lanes.send(id, command);
  }
  /** @param {number} id @returns {Uint8Array|null} the oldest event that waits */
  pollLane(id) {
    return this.lanes.poll(id);
  }
  /** @param {number} id @returns {boolean} see LanePool.revive */
  reviveLane(id) {
    return this.lanes.revive(id);
  }
  /** Ends the worker. @param {number} id */
  closeLane(id) {
    this.lanes.close(id);
  }

  // --- Text fields: DOM elements over the canvas --------------------------------------------------------------------

  /**
   * Shows the field at a place, in this frame. A field that is not placed in a frame is hidden after it (its text and
   * undo history stay). Coordinates in CSS pixels of the canvas.
   * @param {string} id stable name, also the DOM id
   * @param {string} label accessible name
   * @param {string} placeholder
   * @param {number} x @param {number} y @param {number} width @param {number} height
   * @param {boolean} multiline @param {boolean} monospace
   * @param {number} fontSize CSS pixels
   * @param {number} maxBytes of UTF-8
   */
  placeField(id, label, placeholder, x, y, width, height, multiline, monospace, fontSize, maxBytes) {
    this.fields.place({ id, label, placeholder, x, y, width, height, multiline, monospace, fontSize, maxBytes });
  }
  /**
   * Replaces the text of a placed field: only when the program changed it itself, because it ends the undo history.
   * @param {string} id @param {string} text
   */
  setField(id, text) {
    this.fields.set(id, text);
  }
  /** @param {string} id @returns {string|null} the whole text, when the user edited it since the last call */
  takeFieldEdit(id) {
    return this.fields.takeEdit(id);
  }
  /** @returns {boolean} some field has the keyboard */
  fieldFocused() {
    return this.fields.parent.contains(document.activeElement);
  }
  /** Gives a text or number field the keyboard, if there is one of that name. @param {string} id */
  focusField(id) {
    if (!this.numbers.focus(id)) this.fields.focus(id);
  }
  /**
   * A number that is drawn at a place; `shown` false: it is out of sight. Coordinates as above.
   * @param {string} id @param {string} label @param {string} range
   * @param {number} x @param {number} y @param {number} width @param {number} height @param {number} fontSize
   * @param {boolean} shown @param {boolean} integer
   * @param {number} minimum @param {number} maximum @param {number} value
   * @param {string} typed as it is edited @param {string} words as it is drawn
   */
  placeNumber(id, label, range, x, y, width, height, fontSize, shown, integer, minimum, maximum, value, typed, words) {
    this.numbers.place({
      id, label, range, x, y, width, height, fontSize, shown, integer, minimum, maximum, value, typed, words,
    });
  }
  /** @param {string} id @returns {string|null} "=TEXT": entered; ">" or "<": a step up or down */
  takeNumber(id) {
    return this.numbers.take(id);
  }

  // --- Files and clipboard ------------------------------------------------------------------------------------------

  /** @param {string} text */
  setClipboard(text) {
    navigator.clipboard?.writeText(text).catch(() => this.announce('The browser did not allow copying.'));
  }
  /** @param {string} name @param {Uint8Array} bytes are copied @param {string} mime */
  saveFile(name, bytes, mime) {
    const blob = new Blob([bytes.slice()], { type: mime });
    if (!this.figure.gives(name, blob)) this.saveBlob(name, blob);
  }
  /** @param {string} name @param {Blob} blob */
  saveBlob(name, blob) {
    const url = URL.createObjectURL(blob);
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }
  /** Gives the user what is kept (shelf.mjs). @param {string} record @param {string} name */
  exportKept(record, name) {
    this.shelf.exportTo(record, (file) => this.saveBlob(name, file));
  }
  /** @returns {boolean} once after the page was hidden */
  takeHiding() {
    const { hides } = this;
    this.hides = false;
    return hides;
  }

  /**
   * Lets the user choose a file; it arrives through takeFile. Every file can be chosen: some browsers leave out those
   * whose extension they do not know, though it is asked for.
   */
  openFile() {
    const input = /** @type {HTMLInputElement} */ (byId('file'));
    input.value = '';
    input.click();
  }
  /** @returns {HostFile|null} the oldest file that was opened or dropped and not taken yet */
  takeFile() {
    return this.files.shift() ?? null;
  }
  /** @param {string} name @returns {Uint8Array|null} */
  asset(name) {
    return this.assets.get(name);
  }
  /** @param {string} name */
  assetIsComing(name) {
    return this.assets.isComing(name);
  }

  // --- The experiment in the address --------------------------------------------------------------------------------

  /**
   * @returns {string|null} JSON text (not validated) of an experiment that was asked for and not taken yet: by the
   * address at the start, by a changed address, by the page API
   */
  takeExperiment() {
    return this.experiments.shift() ?? null;
  }
  /** Keeps the experiment for a reload (address.mjs). @param {string} json empty: it is too long to be kept */
  rememberExperiment(json) {
    this.address.remember(json);
  }
  /** @returns {string} what a reload of the page brings back, as a sentence */
  kept() {
    if (!this.address.holds) return '';
    const saved = this.shelf.lastOfMine();
    return saved === null ? 'Your experiment is kept for that; what the lanes have learned is not.'
      : `Your experiment is kept for that, and what the lanes had learned ${Math.max(1, Math.round((Date.now() - saved) / 1000))} s ago is offered then.`;
  }
  /** Within the user's event: gives the link, or a file. @param {string} json */
  share(json) {
    this.sharing.open(json, this.address.linkOf(json), this.address.record !== '');
  }

  // --- What others see: screen readers, tests, the embedding page -----------------------------------------------------

  /** Says a sentence in the status line. @param {string} text */
  announce(text) {
    const status = byId('status');
    if (status.textContent !== text) status.textContent = text;
  }
  /**
   * What the front end shows, as JSON; `unroll.state()` returns it. Its `actions` become focusable buttons:
   * [{id, label, enabled?, pressed?}].
   * @param {string} json
   */
  publishState(json) {
    if (json === this.stateJson) return;
    this.stateJson = json;
    const state = JSON.parse(json);
    this.actions.show(state.actions ?? []);
    this.lesson.show(state);
    const { record = '', records = [] } = state.keeping ?? {};
    this.address.name(records.some((/** @type {{id: string}} */ { id }) => id === record) ? record : '');
    this.published?.(state);
  }
  /** Places of the widgets: {id: [x, y, width, height]} in CSS pixels; `unroll.widgets()`. @param {string} json */
  publishWidgets(json) {
    this.widgetsJson = json;
    if (this.lesson.look.length) this.lesson.point(JSON.parse(json), this.size);
    else this.lesson.ring.hidden = true;
  }
  /** @returns {Record<string, [number, number, number, number]>} their places in the page */
  widgets() {
    const widgets = JSON.parse(this.widgetsJson);
    for (const box of Object.values(widgets)) box[1] += this.top;
    return widgets;
  }
  /**
   * Does at once what the page around the frame wants: a command of web/obeyed.cpp, which is taken as an action is.
   * What came of it stands in the state that is published then.
   * @param {object} command
   */
  obey(command) {
    this.actions.taken.push(JSON.stringify(command));
    this.answer();
  }
  /** @returns {string|null} id of an action whose DOM button was pressed, or a command */
  takeAction() {
    return this.actions.take();
  }

  // --- Events of the page ---------------------------------------------------------------------------------------------

  listen() {
    const wake = () => this.wakeNow();
    const inputs = ['pointerdown', 'pointermove', 'pointerup', 'pointercancel', 'wheel', 'keydown', 'keyup', 'focus', 'blur'];
    for (const type of inputs) addEventListener(type, wake, { capture: true, passive: true });
    document.addEventListener('visibilitychange', () => {
      this.hides = document.hidden;
      this.turn();
    });
    addEventListener('pagehide', () => {
      this.hides = true;
      this.wakeNow();
    });
    for (const query of this.queries) query.addEventListener('change', wake);

    // Not captured: the front end has the event by then.
    addEventListener('click', () => this.answer());
    addEventListener('touchend', () => this.answer());
    addEventListener('keydown', ({ key }) => {
      if (key === 'Enter' || key === ' ') this.answer();
    });

    const resized = new ResizeObserver(([entry]) => this.measure(entry.devicePixelContentBoxSize?.[0]));
    try {
      resized.observe(this.canvas, { box: 'device-pixel-content-box' });
    } catch {
      resized.observe(this.canvas);
    }
    this.measure();

    addEventListener('hashchange', async ({ newURL }) => {
      try {
        // Not location's: the address may have been written between the change and this.
        const { hash } = new URL(newURL), record = recordOf(hash), json = record ? null : await jsonOf(hash);
        if (record && !(await this.shelf.openNamed(record))) this.address.write();  // what is here goes on
        if (json !== null) this.experiments.push(json);
      } catch (error) {
        notice(`${messageOf(error)} The experiment here goes on.`);
        this.address.write();
      }
      this.wake();
    });
    addEventListener('dragover', (event) => event.preventDefault());
    addEventListener('drop', async (event) => {
      event.preventDefault();
      for (const { file, name } of await filesOf(event.dataTransfer)) await this.receiveFile(file, 'drop', name);
    });
    const fileInput = /** @type {HTMLInputElement} */ (byId('file'));
    fileInput.addEventListener('change', () => {
      for (const file of fileInput.files ?? []) this.receiveFile(file, 'open');
    });
  }

  /**
   * Takes the canvas's size. The browser's own count of device pixels is exact where a rounded product may be one
   * off; where it is far off (emulated phones), it is not used.
   * @param {ResizeObserverSize} [counted]
   */
  measure(counted) {
    const { width, height, top } = this.canvas.getBoundingClientRect();
    this.top = top;
    if (!width || !height) return;
    const ratio = devicePixelRatio * untoldZoom();
    const pixels = (/** @type {number} */ length, /** @type {number|undefined} */ exact) =>
      exact && Math.abs(exact - length * ratio) < 1.5 ? exact : Math.round(length * ratio);
    this.size = {
      width,
      height,
      pixelWidth: pixels(width, counted?.inlineSize),
      pixelHeight: pixels(height, counted?.blockSize),
    };
    this.measured?.();
    this.wakeNow();
  }

  /** @param {File} file @param {'open'|'drop'} source @param {string} [name] with its folder */
  async receiveFile(file, source, name = file.name) {
    try {
      this.files.push({ name, bytes: new Uint8Array(await file.arrayBuffer()), source });
    } catch {
      notice(`${file.name} could not be read. Is it a folder, or very large? Drop one file: a text, an experiment or a checkpoint.`);
    }
    this.wake();
  }
}

/**
 * How much the page is enlarged where the browser does not say so: in WebKit devicePixelRatio leaves it out, but the window's width in the page's own pixels shrinks. A bar beside the page counts, too: then
 * the canvas has more pixels than the screen, which does no harm.
 */
function untoldZoom() {
  const told = 'devicePixelContentBoxSize' in ResizeObserverEntry.prototype || self !== top || !innerWidth;
  const zoom = told ? 1 : outerWidth / innerWidth;
  return zoom > 1.05 && zoom < 6 ? zoom : 1;
}
