// Text fields over the canvas. The canvas cannot do paste, IME, mobile keyboards and undo; real <input> and
// <textarea> elements can. The front end says each frame where a field stands; the element keeps text and history.
import { notice } from './page.mjs';

/**
 * @typedef {object} FieldPlace
 * @property {string} id @property {string} label @property {string} placeholder
 * @property {number} x @property {number} y @property {number} width @property {number} height
 * @property {boolean} multiline @property {boolean} monospace
 * @property {number} fontSize @property {number} maxBytes
 */

/** @typedef {HTMLInputElement|HTMLTextAreaElement} FieldElement */

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
    const style = element.style;
    style.transform = `translate(${place.x}px, ${place.y}px)`;
    style.width = `${place.width}px`;
    style.height = `${place.height}px`;
    style.fontSize = `${place.fontSize}px`;
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
    return field.element.value;
  }

  /** @param {string} id */
  focus(id) {
    this.fields.get(id)?.element.focus();
  }

  /** @param {FieldPlace} place */
  create(place) {
    const element = document.createElement(place.multiline ? 'textarea' : 'input');
    element.id = place.id;
    element.autocomplete = 'off';
    element.spellcheck = false;
    element.setAttribute('autocapitalize', 'off');
    element.setAttribute('autocorrect', 'off');
    const field = { element, edited: false, placed: true, place: '' };
    element.addEventListener('input', () => {
      field.edited = true;
      this.changed();
    });
    element.addEventListener('beforeinput', (event) => this.limit(element, /** @type {InputEvent} */ (event)));
    // The canvas must not take typed characters for shortcuts. Escape gives it the keyboard back.
    for (const type of ['keydown', 'keyup', 'keypress'])
      element.addEventListener(type, (event) => event.stopPropagation());
    element.addEventListener('keydown', (event) => {
      const { key, isComposing } = /** @type {KeyboardEvent} */ (event);
      if (key === 'Escape' && !isComposing) document.getElementById('canvas')?.focus();
    });
    this.parent.append(element);
    this.fields.set(place.id, field);
    return field;
  }

  /**
   * Refuses an insertion that would exceed the field's limit.
   * @param {FieldElement} element @param {InputEvent} event
   */
  limit(element, event) {
    const inserted = event.data ?? event.dataTransfer?.getData('text/plain') ?? '';
    const limit = Number(element.dataset.maxBytes);
    if (!inserted || (element.value.length + inserted.length) * 3 <= limit) return;  // a UTF-16 unit is ≤ 3 bytes
    if (this.encoder.encode(element.value).length + this.encoder.encode(inserted).length <= limit) return;
    event.preventDefault();
    notice(`Too long: this field takes at most ${limit >= 1 << 20 ? `${limit >> 20} MB` : `${limit} bytes`}.`);
  }
}
