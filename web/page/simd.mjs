// Which instructions for vectors this browser (or node) knows, and so which of the two engines it runs.

/**
 * A WebAssembly module of one function without parameters and results, for WebAssembly.validate: it is valid exactly
 * when the browser knows the instructions. Layout (WebAssembly core specification, "Binary Format"):
 *   magic "\0asm", version 1 · type section: one type () → () · function section: one function of type 0 ·
 *   code section: one body of the given size, no locals, instructions, drop (1a), end (0b)
 * @param {number[]} instructions that leave one value on the stack
 */
function validates(instructions) {
  const body = [0x00, ...instructions, 0x1a, 0x0b];
  const code = [0x01, body.length, ...body];
  const bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01,
    0x00, 0x0a, code.length, ...code];
  return WebAssembly.validate(new Uint8Array(bytes));
}
const zero = [0x41, 0x00, 0xfd, 0x0f];  // i32.const 0, i8x16.splat
export const simd = () => validates(zero);
// The three operands, then f32x4.relaxed_madd: prefix fd, opcode 0x105 as LEB128.
export const relaxedSimd = () => validates([...zero, ...zero, ...zero, 0xfd, 0x85, 0x02]);
