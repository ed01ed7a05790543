// The dialog in which an author makes a figure of what is here: what of it is shown and can be changed, beside it the figure
// itself, below it the text to paste. The figure is the element that the author gets, so what is seen is what it will be.
import './unroll-playground.mjs';
import { copyFrom } from './clipboard.mjs';
import { snippets, warningOf } from './embed_snippets.mjs';
import { hashOf } from './hash.mjs';
import { messageOf } from './page.mjs';

/** @typedef {[name: string, label: string, room: string]} Panel as the front end publishes it */
/** @typedef {import('./unroll-playground.mjs').UnrollPlayground} Element_ */

const inside = 'inside';
/** Panels that together are more than a figure needs, and what a reader could change in it. */
const settings = ['text', 'lanes'];

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Record<string, any>} [properties] @param {(Node|string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** The label is said alone, without what a menu could choose. @param {string} text @param {HTMLElement} control */
const labelled = (text, control) =>
  make('label', { className: 'field' }, make('span', { textContent: text }), Object.assign(control, { ariaLabel: text }));

export class EmbedDialog {
  /**
   * @param {object} experiment the document @param {Panel[]} panels
   * @param {(name: string, file: Blob) => void} save
   */
  constructor(experiment, panels, save) {
    /** @type {any} */ this.experiment = experiment;
    this.panels = panels;
    this.save = save;
    this.hash = '';
    this.kind = 'iframe';
    this.wanted = 640;
    const view = this.experiment.view ?? {};
    const named = (/** @type {string[]|undefined} */ words, /** @type {Panel} */ [name, , room]) =>
      words?.includes(name) || (room === inside && words?.includes(inside));
    const shown = (/** @type {Panel} */ panel) => (!view.show?.length || named(view.show, panel)) && !named(view.hide, panel);

    /** @type {{panel: Panel, show: HTMLInputElement, lock: HTMLInputElement}[]} */
    this.rows = panels.map((panel) => ({
      panel,
      show: make('input', { type: 'checkbox', checked: shown(panel), ariaLabel: `${panel[1]}: shown` }),
      lock: make('input', { type: 'checkbox', checked: named(view.lock, panel) ?? false, ariaLabel: `${panel[1]}: locked` }),
    }));
    const option = (/** @type {string} */ value, /** @type {string} */ textContent) => make('option', { value, textContent });
    this.preset = make('select', {}, option('', 'As ticked below'), option('all', 'Everything'), option('views', 'Everything but the settings'),
      ...panels.filter(([name]) => name !== panels[0][0]).map(([name, label]) => option(`only ${name}`, `${label} alone`)));
    this.theme = make('select', {}, option('auto', 'As the system’s'), option('light', 'Light'), option('dark', 'Dark'));
    this.theme.value = view.theme ?? 'auto';
    this.autoplay = make('input', { type: 'checkbox', checked: view.autoplay ?? false });
    this.follows = make('input', { type: 'checkbox', checked: true });
    this.copied = '';  // the text that was copied last
    this.height = make('input', { type: 'number', min: '100', max: '4000', value: '640' });
    this.figureTitle = make('input', { value: 'Recurrent networks that train in this page' });
    this.address = make('input', { type: 'url', value: location.href.replace(/#.*$/s, ''), spellcheck: false });
    this.width = make('select', {}, option('640', '640 wide'), option('360', '360 wide, a phone'), option('100%', 'As wide as there is room'));
    if (innerWidth < 720) this.width.value = '360';
    this.warning = make('p', { className: 'warning' });
    this.told = make('p', { className: 'told' });
    this.told.setAttribute('role', 'status');
    this.code = make('textarea', { readOnly: true, rows: 5, ariaLabel: 'The text to paste', spellcheck: false });
    this.about = make('p', { className: 'about' });
    this.stage = make('div', { className: 'stage' });
    this.kinds = Object.entries(snippets).map(([kind, { label }]) => make('button', { type: 'button', textContent: label, value: kind }));
    this.copy = make('button', { type: 'button', textContent: 'Copy', className: 'primary' });
    this.poster = make('button', { type: 'button', textContent: 'Save a poster (PNG)' });
    const close = make('button', { type: 'button', textContent: 'Close' });
    this.dialog = make('dialog', { id: 'embed' },
      make('header', {}, make('h1', { id: 'embed-title', textContent: 'Embed this as a figure' }), close),
      make('section', { className: 'choices' },
        labelled('Shown', this.preset),
        make('table', {},
          make('thead', {}, make('tr', {}, ...['Panel', 'Shown', 'Locked'].map((textContent) => make('th', { textContent, scope: 'col' })))),
          make('tbody', {}, ...this.rows.map(({ panel, show, lock }) =>
            make('tr', {}, make('th', { textContent: panel[1], scope: 'row' }), make('td', {}, show), make('td', {}, lock))))),
        labelled('Theme', this.theme),
        labelled('Trains at once when it is seen', this.autoplay),
        labelled('Height follows the figure (element)', this.follows),
        labelled('Height, else', this.height),
        labelled('Title, for screen readers', this.figureTitle),
        labelled('Address of Unroll', this.address)),
      make('section', { className: 'preview' },
        make('div', { className: 'bar' }, make('h2', { textContent: 'Preview' }), this.width, this.poster), this.stage),
      make('section', { className: 'text' },
        make('div', { className: 'bar', role: 'group', ariaLabel: 'For' }, ...this.kinds, this.copy), this.about, this.code, this.warning, this.told));
    this.dialog.setAttribute('aria-labelledby', 'embed-title');
    close.onclick = () => this.dialog.close();
    this.listen();
  }

  listen() {
    // What is typed here is no shortcut of the page's, and Escape is the dialog's own.
    for (const type of ['keydown', 'keyup']) this.dialog.addEventListener(type, (event) => event.stopPropagation());
    this.dialog.addEventListener('close', () => {
      this.dialog.remove();
      document.getElementById('canvas')?.focus();
    });
    this.preset.onchange = () => this.choose(this.preset.value);
    for (const { show, lock } of this.rows) {
      show.onchange = () => {
        this.preset.value = '';
        this.changed();
      };
      lock.onchange = () => this.changed();
    }
    for (const control of [this.theme, this.autoplay, this.follows, this.height, this.figureTitle, this.address])
      control.addEventListener('input', () => this.changed());
    this.width.onchange = () => this.fit();
    for (const button of this.kinds)
      button.onclick = () => {
        this.kind = button.value;
        this.copied = '';
        this.write();
      };
    this.copy.onclick = async () => {
      const label = snippets[this.kind].label, text = this.code.value;
      const done = await copyFrom(this.code);  // nothing waits before it: it must be within the click
      this.copied = done ? text : '';
      this.tell(done ? `Copied (${label}): ${text.length.toLocaleString('en')} characters.`
        : 'The browser did not let the page copy. The text is selected: press Ctrl-C or ⌘-C.');
      this.compare();
      if (!done) {
        this.code.focus();
        this.code.select();
      }
    };
    this.poster.onclick = () => this.savePoster();
  }

  /** @param {string} preset */
  choose(preset) {
    const only = preset.startsWith('only ') ? preset.slice(5) : '';
    for (const { panel: [name, , room], show } of this.rows)
      if (preset) show.checked = only ? name === only : preset === 'all' || !settings.includes(room);
    this.changed();
  }

  /** The experiment's view as it is chosen. @returns {Record<string, any>} */
  view() {
    const names = (/** @type {'show'|'lock'} */ which) => this.rows.filter((row) => row[which].checked).map(({ panel: [name] }) => name);
    const show = names('show');
    return {
      ...this.experiment.view,
      show: show.length === this.rows.length ? [] : show,
      hide: [],
      lock: names('lock').filter((name) => show.includes(name)),
      theme: this.theme.value,
      autoplay: this.autoplay.checked,
    };
  }

  open() {
    document.body.append(this.dialog);
    this.element = /** @type {Element_} */ (document.createElement('unroll-playground'));
    this.element.setAttribute('load', 'eager');
    this.element.setAttribute('title', 'Preview of the figure');
    this.element.setAttribute('experiment', JSON.stringify({ ...this.experiment, view: this.view() }));
    this.element.addEventListener('unroll-height', (event) => {
      this.wanted = /** @type {CustomEvent} */ (event).detail.height;
      this.fit();
      this.write();
    });
    this.element.addEventListener('unroll-error', (event) => this.tell(messageOf(/** @type {CustomEvent} */ (event).detail)));
    this.stage.replaceChildren(this.element);
    this.fit();
    this.dialog.showModal();
    this.changed(false);
  }

  /** @param {boolean} [shows] the preview does not have it yet */
  async changed(shows = true) {
    const view = this.view();
    const fields = Object.fromEntries(['show', 'hide', 'lock', 'theme', 'autoplay'].map((name) => [`view.${name}`, view[name]]));
    if (this.rows.every(({ show }) => !show.checked)) return this.tell('A figure shows something: tick a panel.');
    this.tell('');
    if (shows) this.element?.set(fields).catch((error) => this.tell(messageOf(error)));
    const hash = await hashOf(JSON.stringify({ ...this.experiment, view }));
    if (JSON.stringify(view) !== JSON.stringify(this.view())) return;  // something newer is on its way
    this.hash = hash;
    this.fit();
    this.write();
  }

  /** The preview has the size that the figure will have. */
  fit() {
    this.stage.dataset.width = this.width.value;
    if (this.element) this.element.style.height = `${this.follows.checked ? this.wanted : this.number()}px`;
    this.height.disabled = false;
    this.height.placeholder = String(this.wanted);
  }

  number() {
    const { valueAsNumber } = this.height;
    return valueAsNumber >= 100 && valueAsNumber <= 4000 ? Math.round(valueAsNumber) : this.wanted;
  }

  write() {
    for (const button of this.kinds) button.setAttribute('aria-pressed', String(button.value === this.kind));
    const { about, write } = snippets[this.kind];
    const address = URL.canParse?.(this.address.value) === false ? location.href.replace(/#.*$/s, '') : this.address.value;
    const figure = {
      address, hash: this.hash, title: this.figureTitle.value, follows: this.follows.checked,
      height: this.follows.checked ? this.wanted : this.number(),
    };
    this.code.value = write(figure);
    this.compare();
    this.about.textContent = about;
    this.warning.textContent = warningOf(figure);
  }

  /** What was copied is no longer what is shown: a setting was changed, or the preview told its height late. */
  compare() {
    if (this.copied && this.copied !== this.code.value) this.tell('The text has changed since it was copied: copy it again.');
  }

  async savePoster() {
    if (this.poster.ariaDisabled === 'true') return;
    this.poster.ariaDisabled = 'true';  // disabled it would lose the keyboard, and Escape with it
    try {
      const picture = await this.element?.picture();
      if (picture) this.save('figure.png', picture);
      this.tell('The poster is what the preview shows now. Train it first where it shall show something.');
    } catch (error) {
      this.tell(messageOf(error));
    }
    this.poster.ariaDisabled = 'false';
  }

  /** @param {string} text */
  tell(text) {
    this.told.textContent = text;
  }
}
