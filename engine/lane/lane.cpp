#include "engine/lane/lane.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "engine/document/zip.h"
#include "engine/lane/parts.h"
#include "engine/model/checkpoint.h"
#include "engine/model/onnx.h"

namespace unroll {

int64_t validation_interval(int64_t valid_characters, int64_t characters_per_step) {
  if (valid_characters < 2) return 0;
  const double share = 0.15;
  const double steps =
      static_cast<double>(valid_characters) / (share * static_cast<double>(characters_per_step));
  return std::max<int64_t>(50, static_cast<int64_t>(std::ceil(steps)));
}

Lane::Lane(Send send, PostToHelper post) : parts_(std::make_unique<Parts>()) {
  parts_->send = std::move(send);
  parts_->company.set_post(std::move(post));
  parts_->emit(OrderedObject().add("type", "ready").add("isa", kernels::best().name));
}

Lane::~Lane() = default;

void Lane::receive(std::span<const uint8_t> bytes) {
  parts_->begin_work();
  Result<Message> message = decode(bytes);
  if (!message) return parts_->send_error("", nullptr, message.error());
  const std::string type = message->type();
  const auto found = message->header.find("id");
  const bool has_id = found != message->header.end() && found->is_number_integer();
  const Json id = has_id ? *found : Json();
  Result<Command> command = parse_command(std::move(*message));
  if (!command) return parts_->send_error(type, id, command.error());
  const bool needs_model = !std::holds_alternative<command::Configure>(*command) &&
                           !std::holds_alternative<command::Load>(*command) &&
                           !std::holds_alternative<command::Heard>(*command);
  if (!parts_->session && needs_model)
    return parts_->send_error(type, id,
                              Error{"", "this lane has no model yet", "send `configure` or `load` first"});
  const Status done = std::visit([this](auto& typed) { return parts_->handle(typed); }, *command);
  if (!done) parts_->send_error(type, id, done.error());
}

bool Lane::work() { return parts_->work(true); }
bool Lane::answer() { return parts_->work(false); }
bool Lane::waits() const { return parts_->session && parts_->company.waits(); }

void Lane::invite(int helpers) {
  if (parts_->session) parts_->leave_step();
  parts_->company.invite(helpers);
}

void Lane::helped(int helper, std::span<const uint8_t> answer) {
  if (parts_->session) parts_->company.take_answer(*parts_->session->trainer, helper, answer);
}

// --- Events
// -------------------------------------------------------------------------------------------------------

void Lane::Parts::begin_work(double before) {
  work_begin = Clock::now();
  worked_before = before;
}

double Lane::Parts::worked() const {
  return worked_before + std::chrono::duration<double>(Clock::now() - work_begin).count();
}

OrderedObject Lane::Parts::answer(const char* type, int64_t id) const {
  return OrderedObject()
      .add("type", type)
      .add("id", id)
      .add("step", session->trainer->steps_done())
      .add("took", worked());
}

void Lane::Parts::emit(const OrderedObject& header, std::span<const uint8_t> payload) const {
  send(encode(header.text(), payload));
}

void Lane::Parts::send_error(std::string_view command, const Json& id, const Error& error) const {
  OrderedObject event;
  event.add("type", "error").add("command", short_name(command));
  if (!id.is_null()) event.add_json("id", json_text(id));
  emit(event.add("where", error.where).add("what", error.what).add("hint", error.hint));
}

void Lane::Parts::send_state(const char* reason, const std::string& message) const {
  const Trainer& trainer = *session->trainer;
  OrderedObject event = OrderedObject()
                            .add("type", "state")
                            .add("running", session->running)
                            .add("step", trainer.steps_done())
                            .add("rate", trainer.rate())
                            .add("clip", trainer.clip());
  if (reason) event.add("reason", reason);
  if (!message.empty()) event.add("message", message);
  emit(event);
}

namespace {

/// What the user asked for and does not quite get.
std::vector<std::string> notices(const Trainer& trainer) {
  std::vector<std::string> texts;
  if (trainer.task().corpus() == nullptr) return texts;
  const TrainSpec& wanted = trainer.experiment().train;
  const Task& streams = trainer.task();
  const auto sizes = [](int batch, int length) {
    return std::to_string(batch) + " sequences of " + std::to_string(length) + " characters";
  };
  if (streams.batch() != wanted.batch || streams.seq_length() != wanted.seq_length)
    texts.push_back("The text is too short for " + sizes(wanted.batch, wanted.seq_length) +
                    " a step: " + sizes(streams.batch(), streams.seq_length()) + " are used.");
  if (trainer.corpus().valid().size() < 2 && trainer.experiment().data.valid > 0)
    texts.push_back("The text is too short to hold a part back, so there is no validation loss.");
  return texts;
}

/// Whether so much memory is to be had now.
bool has_room(size_t bytes) {
  void* volatile room = std::malloc(bytes);  // volatile: or the compiler leaves the pair of calls out
  std::free(room);
  return room != nullptr;
}

}  // namespace

/// Replaces the session and says so. Nothing of the old one may be used afterwards.
void Lane::Parts::begin(std::unique_ptr<Trainer> trainer, int lane, bool loaded) {
  session = std::make_unique<Session>();
  session->trainer = std::move(trainer);
  company.begin_model();
  const Trainer& built = *session->trainer;
  session->block_history.emplace(built);
  const Task& streams = built.task();
  const Corpus* corpus = streams.corpus();
  const bool reads_text = streams.characters() != nullptr;
  session->valid_every =
      validation_interval(streams.scored_rows(), int64_t{streams.batch()} * streams.seq_length());
  session->validated = built.steps_done();
  if (reads_text)
    session->writer.sampler = std::make_unique<Sampler>(model(), vocabulary(), built.experiment().train.seed);
  const TaskShape shape = streams.shape();
  OrderedObject event = OrderedObject()
                            .add("type", "configured")
                            .add("lane", lane)
                            .add("parameters", model().parameters().size())
                            .add("vocabulary", reads_text ? encode_utf8(vocabulary().symbols()) : "")
                            .add("train_characters", corpus ? corpus->train().size() : 0)
                            .add("valid_characters", corpus ? corpus->valid().size() : 0)
                            .add("batch", streams.batch())
                            .add("seq_length", streams.seq_length())
                            .add("steps_per_epoch", streams.steps_per_epoch())
                            .add("step", built.steps_done())
                            .add("valid_every", session->valid_every)
                            .add("notices", notices(built))
                            .add("task", streams.kind().name)
                            .add_json("shape", OrderedObject()
                                                   .add("inputs", shape.inputs)
                                                   .add("reals", shape.reals)
                                                   .add("outputs", shape.outputs)
                                                   .add("head", head_words[static_cast<size_t>(shape.head)])
                                                   .add("encoder", shape.encoder)
                                                   .add("attention", shape.attention)
                                                   .text());
  if (!reads_text)
    event.add("input_names", streams.input_names()).add("output_names", streams.output_names());
  if (loaded) event.add_json("experiment", to_json(built.experiment()));
  emit(event);
}

// --- Commands
// -----------------------------------------------------------------------------------------------------

Status Lane::Parts::handle(command::Configure& configure) {
  const DataSpec& data = configure.experiment.data;
  if (data.text.empty() && !data.example.empty() && !has_text(data))
    return Error{"experiment.data.text", "is missing",
                 "a lane needs the text itself, not the name of an example"};
  auto task = create_task(configure.experiment);
  if (!task) return Error{"experiment." + task.error().where, task.error().what, task.error().hint};
  Result<std::unique_ptr<Trainer>> trainer =
      Trainer::create(configure.experiment, configure.lane, std::move(*task));
  if (!trainer) return trainer.error();
  begin(std::move(*trainer), configure.lane, false);
  return ok();
}

Status Lane::Parts::handle(command::Load& load) {
  Result<Checkpoint> checkpoint = load_checkpoint(load.file);
  if (!checkpoint) return checkpoint.error();
  if (DataSpec& data = checkpoint->experiment.data; data.text.empty() && !load.text.empty()) {
    data.text = std::move(load.text);
    data.example.clear();
  }
  Result<std::unique_ptr<Trainer>> trainer = resume_training(*checkpoint);
  if (!trainer) return trainer.error();
  const int lane = (*trainer)->lane_index();
  begin(std::move(*trainer), lane, true);
  return ok();
}

Status Lane::Parts::handle(command::Run& run) {
  const Trainer& trainer = *session->trainer;
  if (trainer.diverged())
    return Error{"", "training diverged after step " + std::to_string(trainer.steps_done()),
                 "lower the learning rate or the clipping norm, or reset"};
  start(run.until);
  send_state();
  return ok();
}

Status Lane::Parts::handle(command::Step& step) {
  command::Run run{session->trainer->steps_done() + step.count};
  return handle(run);
}

Status Lane::Parts::handle(command::Pause&) {
  stop("asked");
  return ok();
}

Status Lane::Parts::handle(command::Tune& tune) {
  if (tune.rate) session->trainer->set_rate(*tune.rate);
  if (tune.clip) session->trainer->set_clip(*tune.clip);
  send_state();
  return ok();
}

Status Lane::Parts::handle(command::Write& write) {
  if (const Status status = check_characters(); write.on && !status) return status;
  Writer& writer = session->writer;
  writer.on = write.on;
  writer.options = write.options;
  writer.rate = write.rate;
  writer.credit = 0;
  writer.seen = Clock::now();
  return ok();
}

Status Lane::Parts::handle(command::Heard&) {
  unheard = 0;
  return ok();
}

Status Lane::Parts::handle(command::Rewind&) {
  Session& now = *session;
  leave_step();
  if (now.batch.steps > 0) report();
  now.running = false;
  now.until.reset();
  now.evaluation.reset();
  now.valid.reset();
  now.trainer->rewind();
  now.validated = std::min(now.validated, now.trainer->steps_done());
  now.block_history.emplace(*now.trainer);
  if (now.walk)
    send_error("walk", *now.walk, Error{"", "training went back before the step was done", "walk again"});
  now.walk.reset();
  send_state("rewound");
  return ok();
}

Status Lane::Parts::handle(command::Sample& sample) {
  if (const Status status = check_characters(); !status) return status;
  Vocabulary::Encoded encoded = vocabulary().encode(sample.prompt);
  sample.prompt = vocabulary().decode(encoded.ids);
  session->samples.push_back({.command = std::move(sample),
                              .unknown = std::move(encoded.unknown),
                              .interventions = session->interventions,
                              .sampler = nullptr,
                              .text = {}});
  return ok();
}

Status Lane::Parts::handle(command::Baselines& baselines) {
  const Corpus* corpus = task().corpus();
  session->baselines.push_back({baselines.id, corpus ? std::make_unique<BaselineMeter>(*corpus) : nullptr});
  return ok();
}

Status Lane::Parts::check_file_room(const char* command, size_t copies) const {
  const size_t bytes = copies * sizeof(float) * session->trainer->model().parameters().size();
  if (has_room(bytes)) return ok();
  return Error{command,
               "making the file needs " + std::to_string(bytes >> 20) + " MiB more memory than there are",
               "close other pages or lanes and save again; the lane goes on"};
}

std::string Lane::Parts::file_name(const char* extension) const {
  const LaneSpec& lane = session->trainer->lane();
  return "unroll-" + lane.cell + "-" + std::to_string(lane.hidden) + "-step-" +
         std::to_string(session->trainer->steps_done()) + extension;
}

Status Lane::Parts::handle(command::Save& save) {
  // Two moments, the three tensors of them and of the parameters, and the file's bytes.
  if (const Status room = check_file_room("save", 8); !room) return room.error();
  if (session->batch.steps > 0) report();  // who is told of the file knows its curve to the end
  const std::vector<uint8_t> file = save_checkpoint(*session->trainer);
  emit(answer("checkpoint", save.id).add("crc", crc32(file)).add("file_name", file_name(".safetensors")),
       file);
  return ok();
}

Status Lane::Parts::handle(command::Onnx& onnx) {
  if (const Status room = check_file_room("onnx", 6); !room) return room.error();
  const Trainer& trainer = *session->trainer;
  const bool text = learns_text(trainer.experiment().data.task);
  const std::vector<uint8_t> file = onnx_file(
      trainer.model(),
      {.characters = task().characters(), .task = text ? nullptr : &task(), .steps = trainer.steps_done()});
  emit(answer("onnx", onnx.id).add("file_name", file_name(".onnx")), file);
  return ok();
}

}  // namespace unroll
