// The package without a bundler: its folder lies beside this file.
import { Lane } from './unroll-rnn/index.js';

const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const button = /** @type {HTMLButtonElement} */ (element('train'));
const lane = await Lane.create({
  data: { text: 'nine eight seven six five four three two one zero\n'.repeat(60) },
  train: { rate: 0.01 },
  lanes: [{ cell: 'lstm', hidden: 48 }],
}).catch((error) => {
  element('loss').textContent = String(error);
  throw error;
});

/** @type {AbortController|null} */ let training = null;
button.onclick = async () => {
  if (training) return training.abort();
  training = new AbortController();
  button.textContent = 'Pause';
  try {
    for await (const { step, loss } of lane.train({ signal: training.signal })) {
      element('loss').textContent = `step ${step}, loss ${loss.toFixed(3)}`;
      element('sample').textContent = 'nine ' + (await lane.sample('nine ', { length: 90, temperature: 0.3 }));
    }
  } catch (error) {
    if (!training.signal.aborted) element('loss').textContent = String(error);
  }
  training = null;
  button.textContent = 'Train';
};
button.disabled = false;
