// A rectangle of Dear ImGui. UV is the cell (column, row) at this corner.
uniform mat4 ProjMtx;
in vec2 Position;
in vec2 UV;
in vec4 Color;
out vec2 place;

void main() {
  place = UV;
  gl_Position = ProjMtx * vec4(Position, 0.0, 1.0);
}
