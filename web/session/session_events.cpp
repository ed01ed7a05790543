// What the lanes' events do to the front end's knowledge. Messages come from our own lanes, but are read with care:
// a missing or strange field leaves things as they were.
#include <algorithm>
#include <cmath>

#include "web/session/json_read.h"
#include "web/session/session.h"
#include "web/session/solutions.h"
#include "web/session/task_events.h"
#include "web/toolkit/fonts.h"
#include "web/toolkit/glyphs.h"

namespace unroll {
namespace {

using read::boolean, read::integer, read::number, read::text;

void answered(Inquiry& inquiry, const Json& header) {
  inquiry.under_way = false;
  inquiry.took = number(header, "took");
}

constexpr size_t written_characters = 6000;   // of a lane, kept for display
constexpr size_t paragraph_characters = 160;  // at least, before a new label

}  // namespace

void Session::receive(LaneView& lane, const std::vector<uint8_t>& bytes) {
  auto message = decode(bytes);
  if (!message) return report(message.error());
  const std::string type = message->type();
  const Json& header = message->header;
  if (type == "ready") {
    lane.isa = text(header, "isa");
    lane.end.reset();
    send(lane, {{"type", "heard"}});  // from now on it tells no more than is taken
  } else if (type == "ended") {
    on_ended(lane, header);
  } else if (type == "revived") {
    on_revived(lane, header);
  } else if (type == "configured") {
    on_configured(lane, *message);
  } else if (type == "state") {
    on_state(lane, header);
  } else if (type == "metrics") {
    lane.told = true;
    on_metrics(lane, *message);
  } else if (type == "written") {
    lane.told = true;
    on_written(lane, header);
  } else if (type == "prediction") {
    if (integer(header, "id") != lane.predict_inquiry.id) return on_answer(lane, *message);
    answered(lane.predict_inquiry, header);
    if (auto values = floats_of(*message))
      lane.prediction = {lane.predict_inquiry.asked, integer(header, "step"),
                         to_symbols(text(header, "unknown")), std::move(*values),
                         boolean(header, "intervened")};
  } else if (type == "probe") {
    on_probe(lane, *message);
  } else if (type == "sample") {
    if (integer(header, "id") != lane.sample_inquiry.id) return on_answer(lane, *message);
    answered(lane.sample_inquiry, header);
    lane.continuation = {lane.sample_inquiry.asked, text(header, "text"), integer(header, "step"),
                         to_symbols(text(header, "unknown")), boolean(header, "intervened")};
    need_symbols(to_symbols(lane.continuation.text));
  } else if (type == "baselines") {
    if (integer(header, "id") != baselines_id_) return;
    baselines = read_baselines(header);
  } else if (type == "example") {
    on_example(lane, *message);
  } else if (type == "series") {
    on_series(lane, *message);
  } else if (type == "checkpoint") {
    on_checkpoint(lane, std::move(*message));
  } else if (type == "onnx") {
    platform::Held file = platform::hold(integer(header, "held", -1), std::move(message->payload));
    platform::save_file(text(header, "file_name"), std::vector<platform::Part>{{{}, std::move(file)}},
                        "application/octet-stream");
  } else if (type == "error") {
    on_error(lane, header);
  } else {
    on_answer(lane, *message);
  }
}

void Session::on_configured(LaneView& lane, const Message& message) {
  const Json& header = message.header;
  lane.configured = true;
  read_task(header, lane);
  lane.parameters = integer(header, "parameters");
  lane.train_characters = integer(header, "train_characters");
  lane.valid_characters = integer(header, "valid_characters");
  lane.steps_per_epoch = integer(header, "steps_per_epoch");
  lane.valid_every = integer(header, "valid_every");
  lane.batch = static_cast<int>(integer(header, "batch"));
  lane.seq_length = static_cast<int>(integer(header, "seq_length"));
  lane.step = integer(header, "step");
  lane.history.clear(lane.step + 1);
  lane.scores.clear();
  lane.notices = read::texts(header, "notices");
  need_symbols(lane.vocabulary);
  need_symbols(lane.inputs);

  ask_baselines(lane);
  if (writing_ && !is_text() && lane.task.characters) start_writing(lane);
}

void Session::ask_baselines(LaneView& lane) {
  const uint64_t of = ground_.applied_hash ^ static_cast<uint64_t>(lane.train_characters);  // text and split
  const bool among =
      std::any_of(lanes.begin(), lanes.end(), [&](const auto& one) { return one.get() == &lane; });
  if (!among || lane.own || ground_.baselines_of == of) return;  // … or measured, or under way
  baselines.reset();
  ground_.baselines_of = of;
  baselines_id_ = next_id_++;
  send(lane, {{"type", "baselines"}, {"id", baselines_id_}});
}

void Session::on_ended(LaneView& lane, const Json& header) {
  lane.end = {{name_of(lane), text(header, "what"), text(header, "hint")}, integer(header, "step", -1)};
  lane.running = lane.configured = false;
  lane.chars_per_second = 0;
  refuse_gathered(lane, -1, Error());
  for (Inquiry* inquiry : {&lane.predict_inquiry, &lane.probe_inquiry, &lane.sample_inquiry})
    *inquiry = Inquiry();
  for (auto& [name, question] : lane.questions) question.inquiry = Inquiry();
}

/// It stands where it stood when its state was kept.
void Session::on_revived(LaneView& lane, const Json& header) {
  lane.configured = true;
  lane.running = lane.diverged = false;
  lane.step = integer(header, "step");
  lane.earlier_seconds = lane.seconds;
  lane.history.clear(lane.step + 1);
  lane.scores.cut(lane.step);
  lane.interventions.clear();
  lane.accepted.clear();
  ++lane.interventions_version;
  if (writing_) start_writing(lane);
  tune();
}

void Session::on_metrics(LaneView& lane, const Message& message) {
  const Json& header = message.header;
  lane.step = integer(header, "step", lane.step);
  lane.epoch = number(header, "epoch", lane.epoch);
  lane.rate = number(header, "rate", lane.rate);
  lane.chars_per_second = number(header, "chars_per_second", lane.chars_per_second);
  lane.cores = integer(header, "cores", 1);
  lane.left_out = integer(header, "left_out", 0);
  lane.seconds = lane.earlier_seconds + number(header, "seconds", lane.seconds - lane.earlier_seconds);
  if (const auto rows = floats_of(message))
    lane.history.append(integer(header, "first", 1), lane.step, integer(header, "stride", 1), *rows);
  if (const Json* valid = read::field(header, "valid"); valid && valid->is_object()) {
    const int64_t at = integer(*valid, "step");
    lane.history.add_valid({at, static_cast<float>(number(*valid, "loss", NAN))});
    if (auto score = score_of(valid)) lane.scores.add(at, std::move(*score));
  }
}

void Session::on_state(LaneView& lane, const Json& header) {
  lane.running = boolean(header, "running");
  lane.step = integer(header, "step", lane.step);
  lane.rate = number(header, "rate", lane.rate);
  if (text(header, "reason") == "rewound") {
    lane.history.cut(lane.step);
    lane.scores.cut(lane.step);
  }
  if (text(header, "reason") == "diverged") {
    lane.diverged = true;
    report({name_of(lane), text(header, "message"), "lower the learning rate or clip gradients, then reset"});
  }
}

void Session::on_written(LaneView& lane, const Json& header) {
  const int64_t step = integer(header, "step");
  const std::u32string added = to_symbols(text(header, "text"));
  need_symbols(added);
  for (char32_t symbol : added) {
    auto& all = lane.written;
    const bool newer = all.empty() || (all.back().text.size() >= paragraph_characters &&
                                       step > all.back().step + std::max<int64_t>(20, all.back().step / 5));
    const bool at_break = all.empty() || all.back().text.empty() || all.back().text.back() == U'\n' ||
                          all.back().text.size() > 3 * paragraph_characters;
    if (newer && at_break) all.push_back({step, {}});
    all.back().text += symbol;
  }
  size_t kept = 0;
  for (const Paragraph& paragraph : lane.written) kept += paragraph.text.size();
  while (kept > written_characters && lane.written.size() > 1) {
    kept -= lane.written.front().text.size();
    lane.written.erase(lane.written.begin());
  }
  if (kept > 2 * written_characters) lane.written.front().text.erase(0, kept - written_characters);
}

void Session::on_probe(LaneView& lane, const Message& message) {
  const Json& header = message.header;
  if (integer(header, "id") != lane.probe_inquiry.id) return on_answer(lane, message);
  answered(lane.probe_inquiry, header);
  const auto values = floats_of(message);
  if (!values) return report(values.error());
  ProbeResult probe;
  probe.asked = lane.probe_inquiry.asked;
  probe.step = integer(header, "step");
  probe.version = next_id_++;
  probe.intervened = boolean(header, "intervened");
  const bool told = message.type() == "example";  // of numbers the example itself says what the lane says
  if (const ExampleView* example = example_told(integer(header, told ? "index" : "example", -1))) {
    auto read = read_probe(header, *values, lane, *example);
    if (!read) return;
    read->asked = probe.asked;
    read->version = probe.version;
    lane.probe = std::move(*read);
    return;
  }
  probe.text = probe.right = to_symbols(text(header, "text"));
  probe.unknown = to_symbols(text(header, "unknown"));
  probe.top = static_cast<int>(integer(header, "top"));
  const size_t n = probe.text.size(), k = static_cast<size_t>(std::max(probe.top, 0));
  if (values->size() != n * (1 + 2 * k)) return;
  const auto begin = values->begin();
  const auto ids = begin + static_cast<std::ptrdiff_t>(n), probs = ids + static_cast<std::ptrdiff_t>(n * k);
  probe.loss.assign(begin, ids);
  for (auto id = ids; id != probs; ++id)
    probe.top_ids.push_back(std::isfinite(*id) ? static_cast<int32_t>(*id) : -1);
  probe.top_probs.assign(probs, values->end());
  lane.probe = std::move(probe);
}

void Session::on_answer(LaneView& lane, const Message& message) {
  const int64_t id = integer(message.header, "id", -1);
  for (auto& [name, question] : lane.questions) {
    if (!question.inquiry.under_way || question.inquiry.id != id) continue;
    answered(question.inquiry, message.header);
    if (name == "intervene") lane.accepted = lane.interventions;
    auto values = floats_of(message);
    if (!values) return report(values.error());
    question.answer = {.asked = question.inquiry.asked,
                       .header = message.header,
                       .values = std::move(*values),
                       .step = integer(message.header, "step"),
                       .version = next_id_++,
                       .seconds = platform::seconds() - question.inquiry.asked_at,
                       .error = {}};
    return;
  }
}

void Session::on_error(LaneView& lane, const Json& header) {
  const int64_t id = integer(header, "id", -1);
  if (refuse_gathered(lane, id, {name_of(lane), text(header, "what"), text(header, "hint")})) return;
  for (auto& [name, question] : lane.questions) {
    if (!question.inquiry.under_way || question.inquiry.id != id) continue;
    question.inquiry.under_way = false;  // the view that asked says it, and asks again when something changes
    question.answer.step = lane.step;
    question.answer.error = Error{text(header, "where"), text(header, "what"), text(header, "hint")};
    if (name == "intervene") {  // the lane goes on with the set before
      lane.interventions = lane.accepted;
      ++lane.interventions_version;
    }
    return;
  }
  for (Inquiry* inquiry : {&lane.predict_inquiry, &lane.probe_inquiry, &lane.sample_inquiry})
    if (id == inquiry->id) inquiry->under_way = false;
  if (lane.refused) return;  // what follows from that was said with it
  Error error{text(header, "where"), text(header, "what"), text(header, "hint")};
  if (text(header, "command") == "configure") lane.refused = error;
  // The fields of the document that the lane got: it knows itself as the only one in it.
  for (const std::string_view inside : {"experiment.", "lanes[0].", "lanes[0]"})
    if (error.where.starts_with(inside)) error.where.erase(0, inside.size());
  error.where = name_of(lane) + (error.where.empty() ? "" : ", " + error.where);
  report(std::move(error), "lane");
}

std::string Session::name_of(const LaneView& lane) const {
  for (size_t i = 0; i < lanes.size(); ++i)
    if (lanes[i].get() == &lane) return lane_name(i);
  return cell_and_size(lane.applied);
}

}  // namespace unroll
