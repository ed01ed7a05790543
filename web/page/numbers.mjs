// Number fields over the canvas: real <input> elements, so that phones offer a keyboard and no digit is lost however
// long a frame takes. The canvas draws the number and is dragged; the element is seen only while it has the keyboard.
// What was typed counts when it is left or entered; Escape leaves the number as it was; the arrows step.
import { composes, focusCanvas, keyOf, prepareField, standAt } from './fields.mjs';

/**
 * @typedef {object} NumberPlace
 * @property {string} id @property {string} label
 * @property {string} range what is allowed, in words
 * @property {number} x @property {number} y @property {number} width @property {number} height
 * @property {number} fontSize
 * @property {boolean} shown else it is scrolled out of sight or covered
 * @property {boolean} integer
 * @property {number} minimum @property {number} maximum @property {number} value
 * @property {string} typed the number with all its digits, as it is edited
 * @property {string} words the number as it is drawn: with its unit, or a word
 */

/** Frames in which a field with the keyboard may be out of sight: Tab scrolls to it, which takes some. */
const patience = 6;
const outOfSight = 'translate(-9999px, 0)';

class NumberField {
  /** @param {HTMLElement} parent @param {string} id @param {() => void} changed */
  constructor(parent, id, changed) {
    this.element = document.createElement('input');
    this.changed = changed;
    this.placed = false;
    this.missed = 0;
    this.place = '';
    this.typed = '';
    this.words = '';
    this.edited = false;
    /** @type {string[]} '=' and an entered text; '>' and '<': a step up and down */
    this.done = [];
    const { element } = this;
    prepareField(element, id);
    element.classList.add('number');
    element.hidden = true;
    element.style.transform = outOfSight;
    element.tabIndex = -1;  // Tab comes to it through the canvas
    element.enterKeyHint = 'done';
    element.setAttribute('role', 'spinbutton');
    element.addEventListener('focus', () => this.offer());
    element.addEventListener('input', () => (this.edited = true));
    element.addEventListener('blur', () => {
      this.enter();
      element.value = this.words;
    });
    element.addEventListener('keydown', (event) => this.press(event));
    parent.append(element);
  }

  hasKeyboard() {
    return document.activeElement === this.element;
  }

  /** Shows the number for editing, all of it selected. */
  offer() {
    this.edited = false;
    this.element.value = this.typed;
    this.element.select();
  }

  enter() {
    if (!this.edited) return;
    this.edited = false;
    this.done.push(`=${this.element.value}`);
    this.changed();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const key = keyOf(event);
    if (composes(event)) return;
    if (key === 'Enter') {
      this.enter();
      focusCanvas();
    } else if (key === 'Escape') {
      this.edited = false;
      focusCanvas();
    } else if (key === 'ArrowUp' || key === 'ArrowDown') {
      event.preventDefault();
      this.enter();
      this.done.push(key === 'ArrowUp' ? '>' : '<');
      this.changed();
    }
  }

  /** @param {NumberPlace} place */
  stand(place) {
    this.placed = place.shown;
    const key = JSON.stringify(place);
    if (key === this.place) return;
    this.place = key;
    const { element } = this;
    // Phones' decimal keyboards have no minus.
    element.inputMode = place.minimum < 0 ? 'text' : place.integer ? 'numeric' : 'decimal';
    element.title = place.range;
    for (const [name, value] of Object.entries({
      label: place.label, valuemin: place.minimum, valuemax: place.maximum, valuenow: place.value, valuetext: place.words,
    }))
      element.setAttribute(`aria-${name}`, String(value));
    this.typed = place.typed;
    this.words = place.words;
    if (!this.hasKeyboard()) element.value = place.words;
    else if (!this.edited && element.value !== place.typed && this.done.length === 0) this.offer();
    if (place.shown) {
      element.hidden = false;
      standAt(element, place);
    }
  }

  /** A field that is out of sight is hidden, and gives the keyboard back. */
  endFrame() {
    this.missed = this.placed ? 0 : this.missed + 1;
    this.placed = false;
    if (this.missed === 0 || this.element.hidden) return;
    if (this.hasKeyboard()) {
      if (this.missed < patience) return this.changed();
      focusCanvas();
    }
    this.element.hidden = true;
    this.element.style.transform = outOfSight;
    this.place = '';
  }
}

export class NumberFields {
  /** @param {HTMLElement} parent @param {HTMLElement} canvas @param {() => void} changed */
  constructor(parent, canvas, changed) {
    this.parent = parent;
    this.changed = changed;
    /** @type {Map<string, NumberField>} */ this.fields = new Map();
    // A tap on the canvas where a field stands gives it the keyboard within the event: only then phones show theirs.
    /** @type {{id: string|null, x: number, y: number}} */ let pressed = { id: null, x: 0, y: 0 };
    canvas.addEventListener('pointerdown', ({ clientX: x, clientY: y, button }) => {
      pressed = { id: button === 0 ? this.at(x, y) : null, x, y };
    });
    canvas.addEventListener('pointerup', ({ clientX: x, clientY: y, pointerType }) => {
      const { id } = pressed;
      pressed.id = null;
      const moved = Math.hypot(x - pressed.x, y - pressed.y);
      if (id !== null && id === this.at(x, y) && moved <= (pointerType === 'mouse' ? 4 : 8)) this.focus(id);
    });
  }

  /** @param {number} x @param {number} y @returns {string|null} the field that is drawn there */
  at(x, y) {
    for (const [id, { element }] of this.fields) {
      if (element.hidden) continue;
      const box = element.getBoundingClientRect();
      if (x >= box.left && x < box.right && y >= box.top && y < box.bottom) return id;
    }
    return null;
  }

  /** @param {NumberPlace} place */
  place(place) {
    let field = this.fields.get(place.id);
    if (!field) this.fields.set(place.id, (field = new NumberField(this.parent, place.id, this.changed)));
    field.stand(place);
  }

  endFrame() {
    for (const field of this.fields.values()) field.endFrame();
  }

  /** @param {string} id @returns {string|null} what was done first and not taken yet */
  take(id) {
    return this.fields.get(id)?.done.shift() ?? null;
  }

  /** Also one that is out of sight: Tab scrolls to it. @param {string} id @returns {boolean} whether there is such a field */
  focus(id) {
    const field = this.fields.get(id);
    if (!field) return false;
    field.element.hidden = false;
    field.missed = 0;
    field.element.focus({ preventScroll: true });
    return true;
  }
}
