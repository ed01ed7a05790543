// The page's `host` object (web/page/bridge.mjs) for C++: one-liners that only translate types. Defined here by EM_JS,
// so include it in platform_web.cpp alone. A char* that a function returns was allocated with malloc; null: nothing.
#pragma once

#include <emscripten.h>

#include <cstdint>

// clang-format off
EM_JS_DEPS(unroll_host, "$UTF8ToString,$stringToNewUTF8,malloc");

EM_JS(void, host_wake, (), { Module.host.wake(); });
EM_JS(void, host_wake_in, (double seconds), { Module.host.wakeIn(seconds); });
EM_JS(void, host_fit_canvas, (), { Module.host.fitCanvas(); });
EM_JS(bool, host_draws, (), { return Module.host.draws(); });
EM_JS(int, host_graphics_generation, (), { return Module.host.graphicsGeneration(); });
/// The objects of a lost context: nobody may delete them in the next one, where they are strangers.
EM_JS(void, host_forget_graphics, (), {
  for (const table of [GL.buffers, GL.programs, GL.shaders, GL.textures, GL.vaos]) table.fill(null);
});
EM_JS(double, host_width, (), { return Module.host.width(); });
EM_JS(double, host_height, (), { return Module.host.height(); });
EM_JS(double, host_pixel_ratio, (), { return Module.host.pixelRatio(); });
EM_JS(bool, host_prefers_dark, (), { return Module.host.prefersDark(); });
EM_JS(bool, host_prefers_reduced_motion, (), { return Module.host.prefersReducedMotion(); });
EM_JS(bool, host_touch_first, (), { return Module.host.touchFirst(); });
EM_JS(void, host_set_cursor, (const char* name), { Module.host.setCursor(UTF8ToString(name)); });
EM_JS(void, host_set_colours, (bool dark, uint32_t page, uint32_t field, uint32_t text, uint32_t dim, uint32_t border, uint32_t accent), {
  Module.host.setColours(!!dark, page, field, text, dim, border, accent);
});

EM_JS(int, host_open_lane, (), { return Module.host.openLane(); });
EM_JS(void, host_close_lane, (int id), { Module.host.closeLane(id); });
EM_JS(bool, host_revive_lane, (int id), { return Module.host.reviveLane(id); });
EM_JS(void, host_send_lane, (int id, const uint8_t* bytes, int size), {
  Module.host.sendLane(id, HEAPU8.subarray(bytes, bytes + size));
});
EM_JS(uint8_t*, host_poll_lane, (int id, int* size), {
  const event = Module.host.pollLane(id);
  if (!event) return 0;
  const bytes = _malloc(event.length);
  HEAPU8.set(event, bytes);
  HEAP32[size >> 2] = event.length;
  return bytes;
});

EM_JS(void, host_drop_held, (int held), { Module.host.parts.drop(held); });
EM_JS(double, host_held_size, (int held), { return Module.host.parts.size(held); });
// A file in parts: these, then what becomes of it.
EM_JS(void, host_add_bytes, (const uint8_t* bytes, int size), { Module.host.parts.addBytes(HEAPU8.subarray(bytes, bytes + size)); });
EM_JS(void, host_add_held, (int held), { Module.host.parts.addHeld(held); });
EM_JS(void, host_save_parts, (const char* name, const char* mime), { Module.host.parts.save(UTF8ToString(name), UTF8ToString(mime)); });
EM_JS(char*, host_keep, (const char* record, const char* about), {
  return stringToNewUTF8(Module.host.shelf.keep(UTF8ToString(record), UTF8ToString(about), Module.host.parts.take('application/zip')));
});
EM_JS(char*, host_take_kept, (), {
  const news = Module.host.shelf.takeNews();
  return news === null ? 0 : stringToNewUTF8(news);
});
EM_JS(void, host_open_kept, (const char* record, bool older), { Module.host.shelf.open(UTF8ToString(record), !!older); });
EM_JS(void, host_export_kept, (const char* record, const char* name), { Module.host.exportKept(UTF8ToString(record), UTF8ToString(name)); });
EM_JS(void, host_forget_kept, (const char* record), { Module.host.shelf.forget(UTF8ToString(record)); });
EM_JS(void, host_switch_keeping, (bool on), { Module.host.shelf.turn(!!on); });
EM_JS(bool, host_take_hiding, (), { return Module.host.takeHiding(); });
EM_JS(char*, host_kept_note, (const char* name), { return stringToNewUTF8(Module.host.shelf.note(UTF8ToString(name))); });
EM_JS(void, host_keep_note, (const char* name, const char* text), { Module.host.shelf.keepNote(UTF8ToString(name), UTF8ToString(text)); });

EM_JS(void, host_place_field, (const char* id, const char* label, const char* placeholder, double x, double y, double width, double height, bool multiline, bool monospace, double font_size, double max_bytes), {
  Module.host.placeField(UTF8ToString(id), UTF8ToString(label), UTF8ToString(placeholder), x, y, width, height, !!multiline, !!monospace, font_size, max_bytes);
});
EM_JS(void, host_set_field, (const char* id, const char* text, int size), {
  Module.host.setField(UTF8ToString(id), new TextDecoder('utf-8', { ignoreBOM: true }).decode(HEAPU8.subarray(text, text + size)));
});
EM_JS(void, host_place_number, (const char* id, const char* label, const char* range, double x, double y, double width, double height, double font_size, bool shown, bool integer, double minimum, double maximum, double value, const char* typed, const char* words), {
  Module.host.placeNumber(UTF8ToString(id), UTF8ToString(label), UTF8ToString(range), x, y, width, height, font_size, !!shown, !!integer, minimum, maximum, value, UTF8ToString(typed), UTF8ToString(words));
});
EM_JS(char*, host_take_number, (const char* id), {
  const done = Module.host.takeNumber(UTF8ToString(id));
  return done === null ? 0 : stringToNewUTF8(done);
});
EM_JS(char*, host_take_field_edit, (const char* id), {
  const text = Module.host.takeFieldEdit(UTF8ToString(id));
  return text === null ? 0 : stringToNewUTF8(text);
});
EM_JS(void, host_focus_field, (const char* id), { Module.host.focusField(UTF8ToString(id)); });
EM_JS(bool, host_field_focused, (), { return Module.host.fieldFocused(); });
EM_JS(bool, host_field_is_focused, (const char* id), { return document.activeElement?.id === UTF8ToString(id); });

EM_JS(void, host_set_clipboard, (const char* text), { Module.host.setClipboard(UTF8ToString(text)); });
EM_JS(void, host_save_file, (const char* name, const uint8_t* bytes, int size, const char* mime), {
  Module.host.saveFile(UTF8ToString(name), HEAPU8.subarray(bytes, bytes + size), UTF8ToString(mime));
});
EM_JS(void, host_open_file, (), { Module.host.openFile(); });
EM_JS(void, host_open_microphone, (), { Module.host.microphone.open(); });
EM_JS(void, host_close_microphone, (), { Module.host.microphone.close(); });
EM_JS(int, host_microphone_state, (), { return ['off', 'asking', 'on'].indexOf(Module.host.microphone.state); });
EM_JS(int, host_microphone_rate, (), { return Module.host.microphone.rate; });
EM_JS(char*, host_microphone_trouble, (), { return stringToNewUTF8(Module.host.microphone.trouble); });
EM_JS(float*, host_take_sound, (int* count), {
  const samples = Module.host.microphone.take();
  if (!samples) return 0;
  const copy = _malloc(4 * Math.max(1, samples.length));
  HEAPF32.set(samples, copy >> 2);
  HEAP32[count >> 2] = samples.length;
  return copy;
});
EM_JS(int, host_take_file, (char** name, uint8_t** bytes, char** record, bool* older), {
  const file = Module.host.takeFile();
  if (!file) return -1;
  if (file.record) {
    const id = stringToNewUTF8(file.record);
    HEAPU32[record >> 2] = id;
    HEAPU8[older] = file.older ? 1 : 0;
  }
  const copy = _malloc(Math.max(1, file.bytes.length));
  HEAPU8.set(file.bytes, copy);
  const title = stringToNewUTF8(file.name);
  HEAPU32[name >> 2] = title;
  HEAPU32[bytes >> 2] = copy;
  return file.bytes.length;
});
EM_JS(int, host_asset_is_coming, (const char* name), { return Module.host.assetIsComing(UTF8ToString(name)) ? 1 : 0; });
EM_JS(uint8_t*, host_asset, (const char* name, int* size), {
  const file = Module.host.asset(UTF8ToString(name));
  if (!file) return 0;
  const bytes = _malloc(Math.max(1, file.length));
  HEAPU8.set(file, bytes);
  HEAP32[size >> 2] = file.length;
  return bytes;
});

// facts: width, height, left, top, coloured
EM_JS(uint8_t*, host_draw_glyph, (const char* text, double em, int* facts, double* advance), {
  const glyph = Module.host.glyphs.draw(UTF8ToString(text), em);
  if (!glyph) return 0;
  const size = 4 * glyph.width * glyph.height;
  const bytes = _malloc(Math.max(1, size));
  HEAPU8.set(glyph.rgba.subarray(0, size), bytes);
  HEAP32.set([glyph.width, glyph.height, glyph.left, glyph.top, glyph.coloured ? 1 : 0], facts >> 2);
  HEAPF64[advance >> 3] = glyph.advance;
  return bytes;
});

EM_JS(char*, host_take_experiment, (), {
  const json = Module.host.takeExperiment();
  return json === null ? 0 : stringToNewUTF8(json);
});
EM_JS(void, host_remember_experiment, (const char* json), { Module.host.rememberExperiment(UTF8ToString(json)); });
EM_JS(void, host_share, (const char* json), { Module.host.share(UTF8ToString(json)); });
EM_JS(void, host_announce, (const char* text), { Module.host.announce(UTF8ToString(text)); });
EM_JS(void, host_publish_state, (const char* json), { Module.host.publishState(UTF8ToString(json)); });
EM_JS(void, host_publish_widgets, (const char* json), { Module.host.publishWidgets(UTF8ToString(json)); });
EM_JS(char*, host_take_action, (), {
  const id = Module.host.takeAction();
  return id === null ? 0 : stringToNewUTF8(id);
});
// clang-format on
