// Cores that no lane uses help the lanes that train (engine/lane/helper.h): each helper is a worker of its own, and it and its
// lane talk through a channel. What is learned is the same with any number of them, and whether they bring anything is
// measured by the lane. A page out of sight has none, nor has one on a battery that is low, nor a figure that shares the
// processor with others (worker.mjs).

/**
 * @typedef {object} Helped a lane
 * @property {Worker} worker
 * @property {boolean} ended
 * @property {boolean} runs it trains
 * @property {Worker[]} helpers those that it was given
 * @property {number} replaced how often others took their place
 */

/** Milliseconds after which lanes that began to train get helpers: the first steps are on the screen by then. */
const patience = 1500;
/** So often a lane's helpers are replaced: whose end over and over, for want of memory perhaps, are not wanted. */
const mostReplaced = 50;
/** More than this no lane has use for: batches are at most 128 sequences, in shards of 8. */
const most = 15;
/** At this share of its charge a battery is spared. */
const low = 0.2;

export class Helpers {
  /** @param {() => Helped[]} lanes @param {() => boolean} alone nobody else wants the cores @param {() => Worker} create with its engine on the way */
  constructor(lanes, alone, create) {
    this.lanes = lanes;
    this.alone = alone;
    this.create = create;
    /** @type {ReturnType<typeof setTimeout>|undefined} */ this.timer = undefined;
    this.cores = navigator.hardwareConcurrency || 1;
    /** The battery is low, and nothing charges it. */ this.spares = false;
    addEventListener('visibilitychange', () => this.deal());
    this.watchBattery();
  }

  /** Where the browser tells of it. That a phone is hot none tells: it slows down, and a helper that is late is let go. */
  async watchBattery() {
    const battery = await /** @type {any} */ (navigator).getBattery?.().catch(() => null);
    if (!battery) return;
    const look = () => {
      this.spares = !battery.charging && battery.level <= low;
      this.deal();
    };
    battery.addEventListener('chargingchange', look);
    battery.addEventListener('levelchange', look);
    look();
  }

  /** Something has changed; soon. */
  dealSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.deal(), patience);
  }

  /** @param {Helped} lane @param {boolean} runs */
  trains(lane, runs) {
    if (lane.runs === runs) return;
    lane.runs = runs;
    this.dealSoon();
  }

  deal() {
    clearTimeout(this.timer);
    const lanes = this.lanes(), training = lanes.filter((lane) => lane.runs && !lane.ended);
    const free = globalThis.document?.hidden || this.spares || !this.alone() ? 0 : Math.max(0, this.cores - training.length);
    for (const lane of lanes) {
      const place = training.indexOf(lane);
      const wanted = place < 0 ? 0 : Math.min(most, Math.floor(free / training.length) + (place < free % training.length ? 1 : 0));
      if (wanted !== lane.helpers.length) this.give(lane, wanted);
    }
  }

  /** Others than before. @param {Helped} lane @param {number} count */
  give(lane, count) {
    this.end(lane);
    /** @type {MessagePort[]} */ const ports = [];
    for (let i = 0; i < count; ++i) {
      const { port1, port2 } = new MessageChannel(), worker = this.create();
      worker.postMessage({ help: port2 }, [port2]);
      const replace = () => lane.helpers.includes(worker) && this.give(lane, ++lane.replaced > mostReplaced ? 0 : count);
      worker.onmessage = ({ data }) => data.ended && replace();
      worker.onerror = (event) => {
        event.preventDefault();
        replace();
      };
      lane.helpers.push(worker);
      ports.push(port1);
    }
    if (!lane.ended) lane.worker.postMessage({ helpers: ports }, ports);
  }

  /** Helper number `index` is not counted on any more. It keeps its place: the lane has tried. @param {Helped} lane @param {number} index */
  left(lane, index) {
    lane.helpers[index]?.terminate();
  }

  /** @param {Helped} lane */
  end(lane) {
    for (const worker of lane.helpers.splice(0)) worker.terminate();
  }
}
