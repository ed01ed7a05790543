// What is different where the page is a figure in another page: it works while somebody sees it. Out of sight its graphics
// go, for browsers have few of them for all figures of a site, and its lanes share what is left of the processor.

/** Milliseconds out of sight after which the graphics go. */
const patience = 700;
/** What web/obeyed.cpp calls a picture that was asked for. */
const pictureName = 'unroll-figure.png';

export class Figure {
  /**
   * @param {HTMLCanvasElement} canvas @param {import('./graphics.mjs').Graphics} graphics
   * @param {import('./lanes.mjs').LanePool} lanes @param {() => void} turned it came into sight, or went out of it
   */
  constructor(canvas, graphics, lanes, turned) {
    this.canvas = canvas;
    this.graphics = graphics;
    this.lanes = lanes;
    this.turned = turned;
    this.framed = self !== top;
    /** The page around it has scrolled it away, or not yet to it; browsers ask such a frame for no pictures. */ this.away = this.framed;
    this.timer = 0;
    /** The page around it wants training, seen or not. */ this.driven = false;
    /** The reader has done something in it. */ this.touched = false;
    /** Who waits for a picture. @type {((picture: Blob) => void)[]} */ this.askers = [];
    if (!this.framed) return;
    new IntersectionObserver((entries) => this.scrolled(!entries.at(-1)?.isIntersecting)).observe(canvas);
    for (const type of ['pointerdown', 'keydown', 'click'])
      addEventListener(type, ({ isTrusted }) => (this.touched ||= isTrusted), { capture: true, passive: true });
  }

  /** Nobody can see it. */
  get unseen() {
    return document.hidden || this.away;
  }
  /** Somebody wants a picture although nobody sees it. */
  get pictured() {
    return this.askers.length > 0;
  }

  /** The program runs. */
  begin() {
    this.rank();
    if (this.away) this.leaveSoon();
  }

  /** @param {boolean} away */
  scrolled(away) {
    if (this.away === away) return;
    this.away = away;
    clearTimeout(this.timer);
    if (away) this.leaveSoon();
    else this.graphics.take();
    this.turned();
  }
  leaveSoon() {
    this.timer = window.setTimeout(() => {
      if (!this.away || this.pictured) return;
      this.graphics.give();
      this.canvas.classList.remove('drawn');
    }, patience);
  }

  /**
   * How the lanes share the processor (worker.mjs): who is seen comes first; who is not trains on what is left, if the reader or
   * the page around it wanted that; and what began by itself waits until it is seen.
   */
  rank() {
    if (!this.framed) return;
    this.lanes.share(!this.unseen ? 'first' : this.driven || this.touched ? 'spare' : 'rest');
  }
  /** @param {boolean} driven */
  drive(driven) {
    this.driven = driven;
    this.rank();
  }

  /** The next picture that the front end saves after it was told to (web/obeyed.cpp). @returns {Promise<Blob>} */
  nextPicture() {
    this.graphics.take();
    return new Promise((resolve) => this.askers.push(resolve));
  }
  /** @param {string} name @param {Blob} file @returns {boolean} somebody waited for it */
  gives(name, file) {
    const asker = name === pictureName ? this.askers.shift() : undefined;
    asker?.(file);
    if (asker && this.away) this.leaveSoon();
    return asker !== undefined;
  }
}
