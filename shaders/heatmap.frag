// One row of values as colours: value 0 is the first stop of the ramp, `top` and more the last. A negative value
// means "there is none". Values lie in a texture 1024 wide, index by index.
uniform sampler2D values;
uniform vec3 ramp[17];
uniform vec3 none;
uniform float top;
in vec2 place;
out vec4 colour;

void main() {
  int index = int(floor(place.x));
  float value = texelFetch(values, ivec2(index & 1023, index >> 10), 0).r;
  float stop = clamp(value / top, 0.0, 1.0) * 16.0;
  int below = min(int(stop), 15);
  vec3 shade = mix(ramp[below], ramp[below + 1], stop - float(below));
  colour = vec4(value < 0.0 ? none : shade, 1.0);
}
