// .unroll files and checkpoints (docs/files.md) for scripts: networks that were saved one by one become a whole experiment.

/** The most lanes of an experiment. */
const most = 8;

/** CRC-32 as ZIP has it. @param {Uint8Array} bytes */
function crc32(bytes) {
  const table = Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; ++bit) byte = (byte >>> 1) ^ (byte & 1 ? 0xedb88320 : 0);
    return byte;
  });
  let value = ~0;
  for (const byte of bytes) value = (value >>> 8) ^ table[(value ^ byte) & 255];
  return ~value >>> 0;
}

/** A ZIP archive of files that are stored as they are, by APPNOTE 6.3.10. @param {[string, Uint8Array|string][]} files */
export function zip(files) {
  const date = 0x21;  // 1980-01-01
  /** @type {Buffer[]} */ const parts = [], directory = [];
  let offset = 0;
  for (const [name, content] of files) {
    const bytes = Buffer.from(content);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(date, 8);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(bytes.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, place, Buffer.from(name));
    const before = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, Buffer.from(name)]);
    parts.push(before, bytes);
    offset += before.length + bytes.length;
  }
  const list = Buffer.concat(directory), end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, list, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

/**
 * What a checkpoint says of itself; the page checks everything else.
 * @param {string} name of the file, for messages @param {Buffer} file
 * @returns {{experiment: any, step: number}}
 */
export function readCheckpoint(name, file) {
  try {
    const length = Number(file.readBigUInt64LE(0));
    const { experiment, steps } = JSON.parse(file.toString('utf8', 8, 8 + length)).__metadata__;
    return { experiment: JSON.parse(experiment), step: Number(steps) };
  } catch {
    throw new Error(`${name}: is no network that Unroll saved (a .safetensors file with its experiment in it)`);
  }
}

/**
 * Networks that learned the same data as the lanes of one experiment.
 * @param {{name: string, file: Buffer}[]} checkpoints
 * @param {object} [view] of the experiment, instead of the first one's
 * @returns {Buffer} a .unroll file
 */
export function unrollFileOf(checkpoints, view) {
  if (checkpoints.length > most) throw new Error(`${checkpoints.length} networks: an experiment has at most ${most}`);
  const read = checkpoints.map(({ name, file }) => ({ name, file, ...readCheckpoint(name, file) }));
  const [first, ...others] = read;
  for (const { name, experiment } of others)
    if (JSON.stringify(experiment.data) !== JSON.stringify(first.experiment.data))
      throw new Error(`${name}: learned other data than ${first.name}; lanes of one experiment learn the same`);
  const cells = [...new Set(read.flatMap(({ experiment }) => experiment.cells ?? []))];
  const experiment = {
    ...first.experiment,
    ...(cells.length ? { cells } : {}),
    lanes: read.map(({ experiment }) => experiment.lanes[0]),
    ...(view ? { view } : {}),
  };
  const place = (/** @type {number} */ lane) => `lanes/${lane + 1}.safetensors`;
  return zip([
    ['unroll.json', JSON.stringify({ unroll_file: 1, lanes: read.map(({ name, step }, lane) => ({ name, step, checkpoint: place(lane) })) })],
    ['experiment.json', JSON.stringify(experiment)],
    ...read.map(({ file }, lane) => /** @type {[string, Buffer]} */ ([place(lane), file])),
  ]);
}
