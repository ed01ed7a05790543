// The few DOM parts of the page that speak to people: the notice bar and the panel that says what is missing.

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html lacks the element #${id}`);
  return element;
}

/** @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Something the user should know, while the playground goes on, and what one can do about it.
 * @param {string} text @param {{label: string, act: () => void}} [way]
 */
export function notice(text, way) {
  byId('notice-text').textContent = text;
  const button = byId('notice-act');
  button.hidden = !way;
  button.textContent = way?.label ?? '';
  button.onclick = () => {
    byId('notice').hidden = true;
    way?.act();
  };
  byId('notice').hidden = false;
}

/**
 * The playground cannot run, or cannot go on: covers the page with what is missing and what to do next. The first
 * failure stays, for later ones mostly follow from it.
 * @param {string} what @param {string} next
 */
export function fail(what, next) {
  if (!byId('failure').hidden) return;
  byId('loading').hidden = true;
  byId('failure-what').textContent = what;
  byId('failure-next').textContent = next;
  byId('failure').hidden = false;
}

/**
 * Something that mostly mends itself keeps the playground from being seen: a panel, until it is called off.
 * @param {string} what @param {string} next
 */
export function hold(what, next) {
  byId('hold-what').textContent = what;
  byId('hold-next').textContent = next;
  byId('hold').hidden = false;
}
export function release() {
  byId('hold').hidden = true;
}

/** An error whose two sentences are ready for `fail`. */
export class Missing extends Error {
  /** @param {string} what @param {string} next */
  constructor(what, next) {
    super(what);
    this.next = next;
  }
}
