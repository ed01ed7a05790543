// What an ONNX file says of itself, as far as the tests ask: a reader of the protocol buffers' wire format and of the fields of onnx.proto.

/** @typedef {{field: number, value: number | Buffer}} Field */

/** @param {Buffer} bytes @returns {Field[]} */
function fieldsOf(bytes) {
  /** @type {Field[]} */ const fields = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('a number is cut off');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
  };
  while (at < bytes.length) {
    const key = varint(), type = key & 7;
    const length = type === 0 ? 0 : type === 2 ? varint() : type === 5 ? 4 : -1;
    if (length < 0 || at + length > bytes.length) throw new Error(`field ${key >> 3} is broken`);
    fields.push({ field: key >> 3, value: type === 0 ? varint() : bytes.subarray(at, at + length) });
    at += length;
  }
  return fields;
}

/** @param {Field[]} fields @param {number} field */
const all = (fields, field) => fields.filter((one) => one.field === field).map(({ value }) => value);
/** @param {number | Buffer} value */
const message = (value) => fieldsOf(/** @type {Buffer} */ (value));
/** @param {Field[]} fields @param {number} field */
const text = (fields, field) => String(all(fields, field)[0] ?? '');

/** @param {number | Buffer} value a ValueInfoProto */
function valueOf(value) {
  const info = message(value), tensor = message(all(message(all(info, 2)[0]), 1)[0]);
  const shape = all(message(all(tensor, 2)[0]), 1).map((dimension) => {
    const one = message(dimension);
    return all(one, 1)[0] ?? text(one, 2);
  });
  return { name: text(info, 1), shape };
}

/** @param {Buffer} bytes */
export function readOnnx(bytes) {
  const model = fieldsOf(bytes), graph = message(all(model, 7)[0]);
  return {
    producer: text(model, 2),
    opsets: all(model, 8).map((one) => all(message(one), 2)[0]),
    metadata: Object.fromEntries(all(model, 14).map((one) => [text(message(one), 1), text(message(one), 2)])),
    operators: all(graph, 1).map((node) => text(message(node), 4)),
    inputs: all(graph, 11).map(valueOf),
    outputs: all(graph, 12).map(valueOf),
  };
}
