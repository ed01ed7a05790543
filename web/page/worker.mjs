// One lane in a Web Worker: hands commands to the engine and events back, and keeps it working in slices of a few
// milliseconds, between which messages get in. The first message is the compiled engine; all others are commands.

/**
 * @typedef {object} Engine
 * @property {Uint8Array} HEAPU8
 * @property {() => void} _lane_create
 * @property {(length: number) => number} _lane_buffer  room for a command of that many bytes
 * @property {() => void} _lane_receive                the command in that room
 * @property {() => number} _lane_work                  1 while there is more to do
 */

const imported = import(`./engine-${self.name}.mjs`);
/** @type {ArrayBuffer[]} */ const early = [];
/** @type {Engine|null} */ let engine = null;

// A message to oneself comes back after whatever waits already: unlike a timer, without a pause.
const loop = new MessageChannel();
let looping = false;
loop.port1.onmessage = () => {
  looping = engine?._lane_work() === 1;
  if (looping) loop.port2.postMessage(null);
};

self.onmessage = ({ data }) => {
  if (data instanceof WebAssembly.Module) start(data).catch(reportError);  // reaches Worker.onerror
  else if (engine) receive(engine, data);
  else early.push(data);
};

/** @param {WebAssembly.Module} module */
async function start(module) {
  const { default: createEngine } = await imported;
  /** @type {Engine} */
  const created = await createEngine({
    /** @param {WebAssembly.Imports} imports @param {(instance: WebAssembly.Instance) => void} done */
    instantiateWasm(imports, done) {
      WebAssembly.instantiate(module, imports).then(done);
      return {};
    },
    /** @param {Uint8Array} event a view of the engine's memory */
    send(event) {
      const { buffer } = event.slice();
      self.postMessage(buffer, { transfer: [buffer] });
    },
  });
  created._lane_create();
  engine = created;
  for (const command of early.splice(0)) receive(engine, command);
}

/** @param {Engine} engine @param {ArrayBuffer} command */
function receive(engine, command) {
  const at = engine._lane_buffer(command.byteLength);
  engine.HEAPU8.set(new Uint8Array(command), at);
  engine._lane_receive();
  if (!looping) {
    looping = true;
    loop.port2.postMessage(null);
  }
}
