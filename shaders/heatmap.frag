// A matrix of values as colours: `range.x` is the first stop of the ramp, `range.y` the last. Values lie row by row in a
// texture 1024 wide; `size` is (columns, rows), and `place` the cell with its fraction. Values that stand for "none" are
// far below any other. A pixel that covers several cells shows their mean, of at most 4 × 4 of them.
uniform sampler2D values;
uniform ivec2 size;
uniform vec2 range;
uniform vec3 ramp[17];
uniform vec3 none;
in vec2 place;
out vec4 colour;

void main() {
  vec2 extent = fwidth(place);
  ivec2 count = clamp(ivec2(ceil(extent - 0.01)), ivec2(1), ivec2(4));
  float sum = 0.0, known = 0.0;
  for (int y = 0; y < count.y; ++y)
    for (int x = 0; x < count.x; ++x) {
      vec2 at = place + extent * ((vec2(x, y) + 0.5) / vec2(count) - 0.5);
      ivec2 cell = clamp(ivec2(floor(at)), ivec2(0), size - 1);
      int index = cell.y * size.x + cell.x;
      float value = texelFetch(values, ivec2(index & 1023, index >> 10), 0).r;
      if (value > -1e30) {
        sum += value;
        known += 1.0;
      }
    }
  float stop = clamp((sum / max(known, 1.0) - range.x) / (range.y - range.x), 0.0, 1.0) * 16.0;
  int below = min(int(stop), 15);
  vec3 shade = mix(ramp[below], ramp[below + 1], stop - float(below));
  colour = vec4(known > 0.0 ? shade : none, 1.0);
}
