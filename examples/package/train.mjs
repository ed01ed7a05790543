// Trains an LSTM on a text and lets it write.   node train.mjs TEXT-FILE [STEPS]
import { readFile, writeFile } from 'node:fs/promises';
import { Lane } from 'unroll-rnn';

const [file = 'story.txt', steps = '1500'] = process.argv.slice(2);
const lane = await Lane.create({
  data: { text: await readFile(file, 'utf8') },
  train: { rate: 0.01 },
  lanes: [{ cell: 'lstm', hidden: 128 }],
});
console.log(`${lane.parameters} parameters, ${lane.vocabulary.length} characters`);

const bigram = (await lane.baselines()).find(({ name }) => name === 'bigram');
for await (const { step, valid, charactersPerSecond } of lane.train({ steps: Number(steps) })) {
  if (valid) console.log(`step ${step}: ${valid.loss.toFixed(3)} nats (bigram ${bigram?.value.toFixed(3)}), ${Math.round(charactersPerSecond)} characters/s`);
}
console.log('Once ' + (await lane.sample('Once ', { length: 200 })));
await writeFile('model.safetensors', await lane.save());
await lane.dispose();
