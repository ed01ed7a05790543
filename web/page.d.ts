// What the page's scripts share with the world, for tsc --checkJs.

/** The API of the page. */
interface UnrollPage {
  /** Everything that the front end shows, as it published it last. */
  state(): any;
  /** Places of the visible widgets by id, in CSS pixels of the page: [x, y, width, height]. */
  widgets(): Record<string, [number, number, number, number]>;
  /** How many frames were drawn. The places of the widgets are those of the last one; the state may be 0.15 s older. */
  frames(): number;
  /** Which engine runs. */
  engine: 'simd' | 'relaxed';
}
interface Window {
  unroll: UnrollPage;
  /** Of start.js: answers that were asked for before the modules came. */
  unrollEarly: Record<string, Promise<Response>>;
  /** The experiment of a page that is one file (tools/export.mjs), as JSON. */
  unrollExperiment?: string;
  /** … and what was saved of its networks: the name of a .unroll file in `unrollEarly`. */
  unrollOpens?: string;
  /** For start.js: what main.mjs waits for. */
  unrollWaits(): string[];
}

/** Made by the build. */
declare module '*/playground.mjs' {
  const create: (module: object) => Promise<{ _unroll_frame(): number }>;
  export default create;
}
declare module '*/assets.mjs' {
  /** Names below assets/. */
  export const assets: string[];
  /** … of those that are fetched when they are asked for. */
  export const late: string[];
}
/** Made by tools/package.mjs. */
declare module '*/inline_engine.js' {
  /** The bytes of engine-simd.wasm. */
  export const engine: () => Promise<ArrayBuffer>;
}
declare module '*/inline_worker.js' {
  /** worker.js as a text. */
  export const workerSource: string;
}
declare module '*/worker.js' {}
