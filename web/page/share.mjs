// Giving an experiment to others: its link where that is short enough to arrive whole, and a file where it is not. The
// panel says only what has happened: "copied" when the browser did it.
import { longestLink } from './address.mjs';
import { copyFrom } from './clipboard.mjs';
import { byId, messageOf } from './page.mjs';

/** Characters of an address that every program takes, and that most take. */
const everywhere = 2000;
const mostly = 4000;
const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id));
const counted = (/** @type {number} */ count) => count.toLocaleString('en');

export class SharePanel {
  /**
   * @param {(name: string, bytes: Uint8Array, mime: string) => void} save
   * @param {() => import('./embed_dialog.mjs').Panel[]} panels what a figure can show
   */
  constructor(save, panels) {
    this.json = '';
    this.named = false;
    this.save = save;
    this.panels = panels;
    // A page that is one file on somebody's disk has no address for a frame.
    byId('share-embed').hidden = !location.protocol.startsWith('http') || import.meta.url.startsWith('data:');
    byId('share-embed').addEventListener('click', () => this.embed());
    this.panel = byId('share');
    byId('share-copy').addEventListener('click', () => this.copy());
    byId('share-save').addEventListener('click', () =>
      save('unroll-experiment.json', new TextEncoder().encode(this.json), 'application/json'));
    byId('share-close').addEventListener('click', () => this.close());
    this.panel.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Escape') this.close();
    });
    addEventListener('pointerdown', (event) => {
      if (!this.panel.contains(/** @type {Node} */ (event.target))) this.panel.hidden = true;
    }, { capture: true });
  }

  /**
   * Call it within the user's event: only then may a page copy.
   * @param {string} json @param {string|Promise<string>} link
   * @param {boolean} named where the link is too long, the page's address names what this browser keeps
   */
  open(json, link, named) {
    Object.assign(this, { json, named });
    if (typeof link === 'string') return this.show(link, false);
    this.say('Making the link…');
    // What is only made afterwards is copied if the browser is asked now.
    const short = link.then((made) => {
      if (made.length > mostly) throw new Error('too long to be copied unasked');
      return new Blob([made], { type: 'text/plain' });
    });
    short.catch(() => {});
    const asked = typeof ClipboardItem === 'undefined' || !navigator.clipboard?.write
      ? Promise.reject(new Error('not possible'))
      : navigator.clipboard.write([new ClipboardItem({ 'text/plain': short })]);
    asked.then(() => true, () => false).then(async (copied) => {
      const made = await link;
      if (this.json === json) this.show(made, copied);
    });
  }

  /** @param {string} link @param {boolean} copied it is in the clipboard already */
  show(link, copied) {
    const { length } = link;
    input('share-link').value = link;
    byId('share-link').hidden = byId('share-copy').hidden = length > longestLink;
    byId('share-bar').style.width = `${Math.min(1, length / (1.25 * mostly)) * 100}%`;
    byId('share-meter').dataset.reach = length <= everywhere ? 'everywhere' : length <= mostly ? 'mostly' : 'hardly';
    byId('share-meter').hidden = false;
    if (copied) {
      this.done(link);
    } else if (length <= mostly) {
      this.say(`The link has ${counted(length)} characters.`);
      this.copy();
    } else {
      const why = length <= longestLink ? 'mail and chat programs cut such links' : 'no program opens such a link';
      this.say(`The link would have ${counted(length)} characters; ${why}. Save the experiment as a file instead: it is ` +
        'opened here with Open, or dropped on the page.' + (length <= longestLink ? '' : this.named
        ? ' The page’s address names what is saved in this browser instead; it opens here, and nowhere else.'
        : ' The page’s address holds nothing of it.'));
      byId('share-save').focus();
    }
  }

  copy() {
    const link = input('share-link').value;
    copyFrom(input('share-link')).then((done) => {
      if (done) return this.done(link);
      this.say(`The browser did not let the page copy the link (${counted(link.length)} characters). Copy it from here:`);
      input('share-link').focus();
      input('share-link').select();
    });
  }

  /** The dialog is fetched when it is wanted. */
  async embed() {
    try {
      const { EmbedDialog } = await import('./embed_dialog.mjs');
      this.panel.hidden = true;
      const save = async (/** @type {string} */ name, /** @type {Blob} */ file) =>
        this.save(name, new Uint8Array(await file.arrayBuffer()), file.type);
      new EmbedDialog(JSON.parse(this.json), this.panels(), save).open();
    } catch (error) {
      this.say(`The dialog could not be opened: ${messageOf(error)}`);
    }
  }

  /** @param {string} link it was copied */
  done(link) {
    this.say(`Link copied: ${counted(link.length)} characters. ` + (link.length <= everywhere
      ? 'It arrives whole everywhere.'
      : link.length <= mostly ? 'Most programs take it whole; some cut links after 2,000 characters.'
        : 'Many programs will cut it; the file is safer.'));
  }

  /** @param {string} text */
  say(text) {
    byId('share-what').textContent = text;
    this.panel.hidden = false;
  }

  close() {
    this.panel.hidden = true;
    byId('canvas').focus();
  }
}
