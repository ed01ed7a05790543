// The cells of notebook.html. Each is a function; what stands on the page is its own text.
import { Lane } from '../unroll-rnn/index.js';

const dots = '.'.repeat(20);
const words = ['red', 'blue', 'green', 'white'];
/** @type {Lane[]} */ let lanes = [];

/** @type {Record<string, (say: (text: string) => void) => Promise<void>>} */
const cells = {
  async make(say) {
    let text = '', state = 1;
    while (text.length < 12000) {
      state = (state * 48271) % 0x7fffffff;  // a random word, dots, and the word again
      text += `${words[state % 4]}${dots}${words[state % 4]}\n`;
    }
    const document = { data: { text }, train: { rate: 0.01, seq_length: 64 }, lanes: [{ cell: 'rnn', hidden: 48 }, { cell: 'lstm', hidden: 24 }] };
    lanes = await Promise.all([0, 1].map((lane) => Lane.create(document, { lane })));
    say(`${lanes[0].vocabulary.length} characters; ${lanes[0].parameters} and ${lanes[1].parameters} weights`);
  },

  async train(say) {
    const lines = ['', ''];
    await Promise.all(lanes.map(async (lane, at) => {
      for await (const { step, loss } of lane.train({ steps: 300 })) {
        lines[at] = `${at ? 'LSTM' : 'RNN '} step ${step}, loss ${loss.toFixed(3)}`;
        say(lines.join('\n'));
      }
    }));
  },

  async ask(say) {
    /** @type {string[]} */ const lines = [];
    const before = `red${dots}red\n`;  // a line, for what has read nothing yet is in a state that training hardly knew
    for (const word of words)
      for (const [at, lane] of lanes.entries()) {
        const [best] = await lane.predict(before + word + dots);
        lines.push(`${at ? 'LSTM' : 'RNN '} after ${word}${dots} expects ${best.symbol} (${Math.round(100 * best.probability)}%)`);
      }
    say(lines.join('\n'));
  },
};

for (const section of document.querySelectorAll('section')) {
  const run = cells[section.dataset.cell ?? ''];
  const [code, out] = section.querySelectorAll('pre');
  const button = /** @type {HTMLButtonElement} */ (section.querySelector('button'));
  code.textContent = String(run);
  button.onclick = async () => {
    button.disabled = true;
    try {
      await run((text) => (out.textContent = text));
    } catch (error) {
      out.textContent = String(error);
    }
    button.disabled = false;
  };
}
