// Text fields over the canvas. The canvas cannot do paste, IME, mobile keyboards and undo; real <input> and
// <textarea> elements can. The front end says each frame where a field stands; the element keeps text and history.
// Their background is the canvas's: it draws the surface below them.
import { byId, notice } from './page.mjs';

/**
 * @typedef {object} FieldPlace
 * @property {string} id @property {string} label @property {string} placeholder
 * @property {number} x @property {number} y @property {number} width @property {number} height
 * @property {boolean} multiline @property {boolean} monospace
 * @property {number} fontSize @property {number} maxBytes
 */

/** @typedef {HTMLInputElement|HTMLTextAreaElement} FieldElement */

/** The key, also where the browser names only its place (Shift+Tab of GTK). @param {KeyboardEvent} event */
export function keyOf({ key, code }) {
  return key === 'Unidentified' ? code : key;
}

/**
 * The key belongs to an input method that composes a text; the one that ends it in Safari has only the code.
 * @param {KeyboardEvent} event
 */
export function composes({ isComposing, keyCode }) {
  return isComposing || keyCode === 229;
}

/** The keyboard goes back to what the canvas draws. */
export function focusCanvas() {
  byId('canvas').focus({ preventScroll: true });
}

/**
 * What texts and numbers have in common: nothing of the browser's help with prose, and the canvas does not take what
 * is typed for shortcuts.
 * @param {FieldElement} element @param {string} id
 */
export function prepareField(element, id) {
  element.id = id;
  element.autocomplete = 'off';
  element.spellcheck = false;
  element.setAttribute('autocapitalize', 'off');
  element.setAttribute('autocorrect', 'off');
  for (const type of ['keydown', 'keyup', 'keypress'])
    element.addEventListener(type, (event) => event.stopPropagation());
}

/** @param {FieldElement} element @param {{x: number, y: number, width: number, height: number, fontSize: number}} place */
export function standAt({ style }, place) {
  style.transform = `translate(${place.x}px, ${place.y}px)`;
  style.width = `${place.width}px`;
  style.height = `${place.height}px`;
  style.fontSize = `${place.fontSize}px`;
}

/** A text as it can be learned: no NUL, no half of a surrogate pair, line feeds. @param {string} text */
function learnable(text) {
  return text.replace(/\0/g, '').replace(/\p{Surrogate}/gu, '\ufffd').replace(/\r\n?/g, '\n');
}

export class TextFields {
  /** @param {HTMLElement} parent @param {() => void} changed called after each edit */
  constructor(parent, changed) {
    this.parent = parent;
    this.changed = changed;
    /** @type {Map<string, {element: FieldElement, edited: boolean, placed: boolean, place: string}>} */
    this.fields = new Map();
    this.encoder = new TextEncoder();
  }

  /** @param {FieldPlace} place */
  place(place) {
    const field = this.fields.get(place.id) ?? this.create(place);
    field.placed = true;
    const key = JSON.stringify(place);
    if (key === field.place) return;
    field.place = key;
    const { element } = field;
    element.setAttribute('aria-label', place.label);
    element.placeholder = place.placeholder;
    element.dataset.maxBytes = String(place.maxBytes);
    element.classList.toggle('monospace', place.monospace);
    element.hidden = false;
    standAt(element, place);
  }

  /** Hides the fields that were not placed since the last call. */
  endFrame() {
    for (const field of this.fields.values()) {
      if (!field.placed && !field.element.hidden) {
        field.element.hidden = true;
        field.place = '';
      }
      field.placed = false;
    }
  }

  /** @param {string} id @param {string} text */
  set(id, text) {
    const field = this.fields.get(id);
    if (!field || field.element.value === text) return;
    field.element.value = text;
    field.edited = false;
  }

  /** @param {string} id @returns {string|null} */
  takeEdit(id) {
    const field = this.fields.get(id);
    if (!field?.edited) return null;
    field.edited = false;
    return learnable(field.element.value);
  }

  /** @param {string} id @returns {boolean} whether there is such a field in sight */
  focus(id) {
    const element = this.fields.get(id)?.element;
    if (!element || element.hidden) return false;
    element.focus();
    return true;
  }

  /** @param {FieldPlace} place */
  create(place) {
    const element = document.createElement(place.multiline ? 'textarea' : 'input');
    prepareField(element, place.id);
    const field = { element, edited: false, placed: true, place: '' };
    const edited = (/** @type {Event} */ event) => {
      if (!(/** @type {InputEvent} */ (event).isComposing)) this.mend(element);
      field.edited = true;
      this.changed();
    };
    element.addEventListener('input', edited);
    element.addEventListener('compositionend', edited);
    element.addEventListener('beforeinput', (event) => this.limit(element, /** @type {InputEvent} */ (event)));
    element.addEventListener('keydown', (event) => {
      const key = /** @type {KeyboardEvent} */ (event);
      if (keyOf(key) === 'Escape' && !composes(key)) focusCanvas();
    });
    this.parent.append(element);
    this.fields.set(place.id, field);
    return field;
  }

  /**
   * Refuses an insertion that would exceed the field's limit. What is selected makes room.
   * @param {FieldElement} element @param {InputEvent} event
   */
  limit(element, event) {
    const inserted = learnable(event.data ?? event.dataTransfer?.getData('text/plain') ?? '');
    const { value } = element;
    const replaced = value.slice(element.selectionStart ?? 0, element.selectionEnd ?? 0);
    const limit = Number(element.dataset.maxBytes);
    // A UTF-16 unit is at most 3 bytes; what is removed counts at most as much.
    if (!inserted || !event.cancelable || (value.length + inserted.length) * 3 <= limit) return;
    const bytes = (/** @type {string} */ text) => this.encoder.encode(text).length;
    if (bytes(value) - bytes(replaced) + bytes(inserted) <= limit) return;
    event.preventDefault();
    notice(tooLong(limit));
  }

  /**
   * After an edit the field shows the text that is learned. What came in past `limit` (an input method's text cannot
   * be refused beforehand) is cut.
   * @param {FieldElement} element
   */
  mend(element) {
    const limit = Number(element.dataset.maxBytes);
    let text = learnable(element.value);
    if (text.length * 3 > limit && this.encoder.encode(text).length > limit) {
      text = new TextDecoder().decode(this.encoder.encode(text).subarray(0, limit)).replace(/\ufffd$/, '');
      notice(tooLong(limit));
    }
    if (text === element.value) return;
    if (element.value.includes('\0')) notice('A NUL (U+0000) is no character of a text; it was left out.');
    const at = element.selectionEnd ?? text.length;
    const before = learnable(element.value.slice(0, at)).length;
    element.value = text;
    element.setSelectionRange(before, before);
  }
}

/** @param {number} limit */
function tooLong(limit) {
  return `Too long: this field takes at most ${limit >= 1 << 20 ? `${limit >> 20} MB` : `${limit} bytes`}.`;
}
