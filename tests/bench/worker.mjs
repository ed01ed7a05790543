// Runs the main function of an Emscripten module and tells what it prints. Takes {module, words}.

/** @typedef {{module: string, words: string[]}} Job */

self.onmessage = async (/** @type {MessageEvent<Job>} */ { data }) => {
  try {
    const { default: create } = await import(data.module);
    const say = (/** @type {string} */ line) => postMessage({ line });
    const module = await create({ print: say, printErr: say });
    const status = module.callMain(data.words);
    postMessage(status ? { error: `${data.module} ended with ${status}` } : { done: true });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
