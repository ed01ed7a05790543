// Buttons for keyboards and screen readers: a copy in the DOM of the main actions that the canvas draws (Train, Pause,
// Step, Reset …). The front end publishes which there are; a pressed one is taken by it in the next frame.

/**
 * @typedef {object} Action
 * @property {string} id
 * @property {string} label
 * @property {boolean} [enabled] default true
 * @property {boolean} [pressed] for a switch
 */

export class ActionButtons {
  /** @param {HTMLElement} parent @param {() => void} changed */
  constructor(parent, changed) {
    this.parent = parent;
    this.changed = changed;
    /** @type {Map<string, HTMLButtonElement>} */ this.buttons = new Map();
    /** @type {string[]} */ this.taken = [];
  }

  /** @param {Action[]} actions in tab order */
  show(actions) {
    const wanted = new Set(actions.map((action) => action.id));
    for (const [id, button] of this.buttons) {
      if (wanted.has(id)) continue;
      button.remove();
      this.buttons.delete(id);
    }
    for (const action of actions) {
      const button = this.buttons.get(action.id) ?? this.create(action.id);
      if (button.textContent !== action.label) button.textContent = action.label;
      button.setAttribute('aria-disabled', String(action.enabled === false));
      if (action.pressed !== undefined) button.setAttribute('aria-pressed', String(action.pressed));
    }
  }

  /** @returns {string|null} */
  take() {
    return this.taken.shift() ?? null;
  }

  /** @param {string} id */
  create(id) {
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset.action = id;
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-disabled') === 'true') return;
      this.taken.push(id);
      this.changed();
    });
    this.parent.append(button);
    this.buttons.set(id, button);
    return button;
  }
}
