// unroll_bench: speed of the limit, of every kernel, of whole training steps and of sampling, with one instruction set.
// Prints one JSON object a line: {"case", "isa", "gflops" or "gelements", "chars_per_second", "seconds", "spread"}, and
// with "gflops" the "share_of_limit", of the limit as it was beside each pass, and the median "limit" of these passes.
// With --threads N the limit is that of N threads at once, and "share_of_lanes" the speed beside that of N lanes of one thread.
// Cells from their equations have "share_of_by_hand" or "share_of_lstm" instead, likewise beside each pass.
// tests/bench/bench.mjs runs it natively and, as a wasm module, in a worker of Chromium.
//
//   unroll_bench [--isa NAME] [--only TEXT] [--passes N] [--seconds S] [--threads N] [--profile]
//   unroll_bench --list              the instruction sets of this machine, best first
//   unroll_bench --learn …           see learn.h
//   --only: cases whose name begins with TEXT
//   --profile: after each training case its parts, {"case", "isa", "part", "share" of the step's time, "share_of_limit"}
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/array.h"
#include "engine/cells/by_hand/cell.h"
#include "engine/cells/shipped.h"
#include "engine/kernels/kernels.h"
#include "engine/model/sampler.h"
#include "engine/model/step_watch.h"
#include "engine/model/trainer.h"
#include "tests/bench/learn.h"
#include "tests/bench/limit.h"
#include "tests/bench/measure.h"
#ifdef UNROLL_BENCH_THREADS
#include "web/cli/thread_team.h"
#endif

namespace unroll::bench {
namespace {

struct Options {
  std::string only;
  int passes = 5;
  double seconds = 0.15;
  int threads = 1;       ///< of training, natively
  bool profile = false;  ///< where the time of training steps goes
};

/// Seconds that each part of a step took.
class PartClock final : public StepWatch {
 public:
  void enter(StepPart part) override {
    const double now = bench::seconds();
    seconds_[static_cast<size_t>(part_)] += now - since_;
    part_ = part, since_ = now;
  }
  /// What was before is nobody's.
  void begin() { part_ = StepPart::other, since_ = bench::seconds(); }
  double of(StepPart part) const { return seconds_[static_cast<size_t>(part)]; }

 private:
  double seconds_[step_parts] = {};
  StepPart part_ = StepPart::other;
  double since_ = bench::seconds();
};

class Bench {
 public:
  explicit Bench(Options options)
      : options_(std::move(options)),
        table_(&kernels::best()),
        limit_loop_(limit_of(table_->name)),
        sinks_(static_cast<size_t>(options_.threads)) {
    for (Sink& sink : sinks_) sink.values[30] = 0.5f, sink.values[31] = 0.1f;
#ifdef UNROLL_BENCH_THREADS
    if (options_.threads > 1) team_ = std::make_shared<ThreadTeam>(options_.threads);
#endif
  }
  void run() {
    limit();
    training();
    growth();
    if (team_) return;  // what follows has no use for several threads
    products();
    element_wise();
    sampling();
    cells();
  }

 private:
  bool wanted(const std::string& name) const {
    return name.compare(0, options_.only.size(), options_.only) == 0;
  }

  void report(const std::string& name, const Timing& timing, const std::string& figures) const {
    std::printf("{\"case\":\"%s\",\"isa\":\"%s\",%s,\"seconds\":%.6g,\"spread\":%.4f}\n", name.c_str(),
                table_->name, figures.c_str(), timing.median, timing.spread);
    std::fflush(stdout);
  }
  static std::string figure(const char* name, double value) {
    char text[64];
    std::snprintf(text, sizeof text, "\"%s\":%.6g", name, value);
    return text;
  }
  FloatArray floats(size_t n, float scale = 1) {
    FloatArray values(n);
    for (float& v : values) v = random_.uniform(-scale, scale);
    return values;
  }
  /// Floating-point operations of one call, of all threads at once.
  double limit_call() {
    if (!team_) return limit_loop_(20000, sinks_[0].values);
    team_->run([this](int member) {
      Sink& sink = sinks_[static_cast<size_t>(member)];
      sink.operations = limit_loop_(20000, sink.values);
    });
    double sum = 0;
    for (const Sink& sink : sinks_) sum += sink.operations;
    return sum;
  }

  template <class Body>
  Timing time(Body body) {
    return measure(options_.seconds, options_.passes, body, [this] { limit_call(); });
  }
  /// Of a case that does so many floating-point operations a call.
  std::string speed(const Timing& timing, double operations) {
    const double of_limit = limit_call();
    return figure("gflops", operations / timing.median * 1e-9) + "," +
           figure("share_of_limit", operations / of_limit * timing.ratio) + "," +
           figure("limit", of_limit / timing.reference * 1e-9);
  }

  void limit() {
    if (!wanted("limit")) return;
    const Timing timing = time([this] { limit_call(); });
    report("limit", timing, figure("gflops", limit_call() / timing.median * 1e-9));
  }

  void product(int m, int n, int k) {
    const std::string name = "gemm " + std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k);
    if (!wanted(name)) return;
    const FloatArray a = floats(static_cast<size_t>(m * k)), b = floats(static_cast<size_t>(n * k));
    FloatArray c(static_cast<size_t>(m * n)), packed(table_->packed_size(k, n));
    table_->pack(b.data(), n, false, k, n, packed.data());
    const Timing timing =
        time([&] { table_->gemm(a.data(), k, packed.data(), c.data(), n, m, n, k, false); });
    report(name, timing, speed(timing, 2.0 * m * n * k));
  }

  void gradient_product(int m, int n, int k) {
    const std::string name =
        "gemm_tn " + std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k);
    if (!wanted(name)) return;
    const FloatArray a = floats(static_cast<size_t>(m * k)), b = floats(static_cast<size_t>(n * k));
    FloatArray c(static_cast<size_t>(m * n)), scratch(table_->gemm_tn_scratch(m, n, k));
    const Timing timing =
        time([&] { table_->gemm_tn(a.data(), m, b.data(), n, c.data(), n, m, n, k, scratch.data()); });
    report(name, timing, speed(timing, 2.0 * m * n * k));
  }

  void packing(bool transposed, int n, int k) {
    const std::string name =
        std::string(transposed ? "pack transposed " : "pack ") + std::to_string(k) + "x" + std::to_string(n);
    if (!wanted(name)) return;
    const FloatArray b = floats(static_cast<size_t>(n * k));
    FloatArray packed(table_->packed_size(k, n));
    const Timing timing =
        time([&] { table_->pack(b.data(), transposed ? k : n, transposed, k, n, packed.data()); });
    report(name, timing, figure("gelements", 1e-9 * n * k / timing.median));
  }

  void products() {
    const int hidden[] = {128, 256, 512};
    for (int h : hidden)
      for (int m : {1, 32}) {
        product(m, 4 * h, h);  // the recurrent product, forward
        product(m, h, 4 * h);  // and backward
      }
    for (int m : {2, 3, 4, 8, 16, 64}) product(m, 1024, 256);
    product(32, 128, 128), product(32, 384, 128), product(1, 65, 256);
    product(2048, 65, 128), product(2048, 128, 65), product(2048, 65, 256), product(2048, 2048, 512);
    for (int h : hidden) gradient_product(4 * h, h, 2048);
    gradient_product(512, 128, 50), gradient_product(65, 128, 2048), gradient_product(65, 128, 50);
    for (bool transposed : {false, true}) packing(transposed, transposed ? 512 : 128, transposed ? 128 : 512);
  }

  template <class Body>
  void elements(const std::string& name, size_t n, Body body) {
    if (!wanted(name)) return;
    const Timing timing = time(body);
    report(name, timing, figure("gelements", 1e-9 * static_cast<double>(n) / timing.median));
  }

  void element_wise() {
    const kernels::Kernels& k = *table_;
    constexpr int B = 32, H = 128, V = 65, rows = 256;
    constexpr size_t n = B * H;
    FloatArray z = floats(4 * n, 3), a(4 * n), x = floats(n, 2), y(n), c = floats(n), t(n), h(n), dz(4 * n),
               du(3 * n);
    const FloatArray dh = floats(n);
    elements("exp", n, [&] { k.exp(x.data(), y.data(), n); });
    elements("tanh", n, [&] { k.tanh(x.data(), y.data(), n); });
    elements("sigmoid", n, [&] { k.sigmoid(x.data(), y.data(), n); });
    elements("lstm_gates", n,
             [&] { k.lstm_gates(a.data(), x.data(), c.data(), t.data(), h.data(), B, H, H); });
    elements("lstm_gates_backward", n, [&] {
      k.lstm_gates_backward(z.data(), x.data(), t.data(), dh.data(), c.data(), dz.data(), B, H, H);
    });
    elements("gru_gates", n, [&] { k.gru_gates(a.data(), z.data(), x.data(), h.data(), B, H, H); });
    elements("gru_gates_backward", n, [&] {
      std::fill(c.begin(), c.end(), 0.0f);
      k.gru_gates_backward(z.data(), dz.data(), x.data(), dh.data(), c.data(), a.data(), du.data(), B, H, H);
    });
    FloatArray logits = floats(rows * V), losses(rows);
    const std::vector<int32_t> targets(rows, 7);
    elements("softmax_loss_gradient", rows * V,
             [&] { k.softmax_loss_gradient(logits.data(), targets.data(), losses.data(), 0.01f, rows, V); });
    constexpr size_t parameters = 108225;  // of M lstm
    FloatArray weight = floats(parameters), mean(parameters), square(parameters);
    const FloatArray gradient = floats(parameters);
    const kernels::AdamStep step = {1e-3f, 0.9f, 0.999f, 1e-8f, 0, 0.5f, 0.5f, false, 1};
    elements("adam", parameters,
             [&] { k.adam(step, gradient.data(), mean.data(), square.data(), weight.data(), parameters); });
    elements("squared_norm", parameters, [&] { norm_ += k.squared_norm(gradient.data(), parameters); });
  }

  /// 65 different characters in a pseudo-random order: what a step costs does not depend on what they say.
  std::shared_ptr<const Corpus> corpus() {
    if (!corpus_) {
      std::string text;
      for (int i = 0; i < 300000; ++i) text += static_cast<char>('!' + random_.below(65));
      corpus_ = std::make_shared<const Corpus>(std::move(*make_corpus(text, 0.0)));
    }
    return corpus_;
  }

  /// Null, and a message, where there is none.
  std::unique_ptr<Trainer> trainer_of(const std::string& name, LaneSpec lane, int T, int B) {
    Experiment experiment = default_experiment();
    experiment.train.batch = B, experiment.train.seq_length = T, experiment.train.rate = 1e-3;
    experiment.lanes = {std::move(lane)};
    auto trainer = Trainer::create(experiment, 0, corpus());
    if (trainer) return std::move(*trainer);
    std::fprintf(stderr, "%s: %s\n", name.c_str(), trainer.error().text().c_str());
    return nullptr;
  }

  void train(const std::string& name, const std::string& cell, int hidden, int layers, int T, int B) {
    if (!wanted(name)) return;
    const auto trainer = trainer_of(name, {.cell = cell, .hidden = hidden, .layers = layers}, T, B);
    if (!trainer) return;
    trainer->set_team(team_);
    const Timing timing = time([&] { trainer->step(); });
    const double G = traits_of(cell)->gates, H = hidden;
    const double flop = 6 * (G * H * H * (2 * layers - 1) + H * 65);  // per character: issue 3's count
    const double chars = static_cast<double>(T) * B / timing.median;
    const std::string figures =
        figure("chars_per_second", chars) + "," + speed(timing, static_cast<double>(T) * B * flop);
    const double of_lanes = team_ ? share_of_lanes(name, *trainer, T, B) : 0;
    report(name, timing, figures + (team_ ? "," + figure("share_of_lanes", of_lanes) : ""));
    if (options_.profile) profile(name, *trainer, timing.median, G, H, layers, T, B);
  }

  /// The speed of a lane with all threads, as a share of what as many lanes with one thread each do together, beside it.
  double share_of_lanes(const std::string& name, Trainer& shared, int T, int B) {
    std::vector<std::unique_ptr<Trainer>> lanes;
    for (int i = 0; i < options_.threads; ++i) lanes.push_back(trainer_of(name, shared.lane(), T, B));
    const auto all = [&] { team_->run([&](int member) { lanes[static_cast<size_t>(member)]->step(); }); };
    return measure(
               options_.seconds, options_.passes, [&] { shared.step(); }, all, 1)
               .ratio /
           options_.threads;
  }

  /// The parts of a step: their share of its time, and where products are nearly all of a part, the part's share of the
  /// limit (of all threads together).
  void profile(const std::string& name, Trainer& trainer, double step, double gates, double H, double layers,
               double T, double B) {
    const int steps = std::max(3, static_cast<int>(options_.seconds / step));
    PartClock clock;
    double all = 0, limit_seconds = 0, limit_operations = 0;
    for (int i = 0; i < steps; ++i) {
      // The limit for a tenth of a step, before each: the machine's clock may change from one to the next.
      const double begin = bench::seconds();
      do limit_operations += limit_call();
      while (bench::seconds() - begin < step / 10);
      const double start = bench::seconds();
      limit_seconds += start - begin;
      watch_steps(trainer.model(), &clock);
      clock.begin();
      trainer.step();
      clock.enter(StepPart::other);
      watch_steps(trainer.model(), nullptr);
      all += bench::seconds() - start;
    }
    const double gflops = limit_operations / limit_seconds;
    const double block = 2 * T * B * steps * gates * H * H, output = 6 * T * B * steps * H * 65;
    const struct {
      const char* name;
      StepPart part;
      double operations;
    } parts[] = {{"packing", StepPart::packing, 0},
                 {"input", StepPart::input, block * (layers - 1)},
                 {"forward", StepPart::forward, block * layers},
                 {"output", StepPart::output, output},
                 {"backward", StepPart::backward, block * layers * (T - 1) / T},
                 {"gradients", StepPart::gradients, block * (2 * layers - 1)},
                 {"below", StepPart::below, block * (layers - 1)},
                 {"update", StepPart::update, 0},
                 {"other", StepPart::other, 0}};
    for (const auto& part : parts) {
      const double time = clock.of(part.part);
      std::printf("{\"case\":\"%s\",\"isa\":\"%s\",\"part\":\"%s\",%s%s}\n", name.c_str(), table_->name,
                  part.name, figure("share", time / all).c_str(),
                  part.operations > 0
                      ? ("," + figure("share_of_limit", part.operations / time / gflops)).c_str()
                      : "");
    }
    std::fflush(stdout);
  }

  /// Steps of one lane, each pass of them between passes of another: `share` is its speed as a share of the other's.
  void beside(const std::string& name, const LaneSpec& lane, const LaneSpec& other, const char* share, int T,
              int B) {
    if (!wanted(name)) return;
    const auto trainer = trainer_of(name, lane, T, B), reference = trainer_of(name, other, T, B);
    if (!trainer || !reference) return;
    const Timing timing =
        measure(options_.seconds, options_.passes, [&] { trainer->step(); }, [&] { reference->step(); }, 1);
    report(name, timing,
           figure("chars_per_second", static_cast<double>(T) * B / timing.median) + "," +
               figure(share, timing.ratio));
  }

  /// The shipped cells from their equations: those that have passes by hand beside these, all beside the lstm.
  void cells() {
    struct Size {
      const char* name;
      int hidden, T, B;
    };
    const Size S{"S", 128, 50, 1}, M{"M", 128, 64, 32}, L{"L", 256, 64, 32};
    for (const Size& size : {S, M, L})
      for (const std::string cell : {"rnn", "gru", "lstm"}) {
        LaneSpec own{.cell = "mine", .hidden = size.hidden};
        own.equations = graph_of(cell)->text;
        own.equations.replace(own.equations.find(cell), cell.size(), own.cell);
        beside(std::string("derived ") + size.name + " " + cell, own, {.cell = cell, .hidden = size.hidden},
               "share_of_by_hand", size.T, size.B);
      }
    for (const Size& size : {M, L})
      for (const ShippedCell& cell : shipped_cells())
        beside(std::string("cells ") + size.name + " " + std::string(cell.name),
               {.cell = std::string(cell.name), .hidden = size.hidden},
               {.cell = "lstm", .hidden = size.hidden}, "share_of_lstm", size.T, size.B);
  }

  void training() {
    for (const std::string cell : {"rnn", "gru", "lstm"}) {
      const std::string suffix = std::string(" ") + cell;
      train("train S" + suffix, cell, 128, 1, 50, 1);
      train("train M" + suffix, cell, 128, 1, 64, 32);
      train("train L" + suffix, cell, 256, 1, 64, 32);
      train("train XL" + suffix, cell, 512, 2, 64, 32);
    }
  }

  /// How speed grows with the hidden size, the batch and the sequence.
  void growth() {
    for (int B : {8, 16, 32, 64})
      for (int H : {64, 96, 128, 192, 256, 384, 512, 768, 1024})
        train("growth lstm B " + std::to_string(B) + " H " + std::to_string(H), "lstm", H, 1, 32, B);
    for (int T : {16, 32, 64, 128, 256}) train("length lstm T " + std::to_string(T), "lstm", 128, 1, T, 32);
  }

  void sampling() {
    for (const std::string cell : {"rnn", "gru", "lstm"}) {
      const std::string name = std::string("sample H 256 ") + cell;
      if (!wanted(name)) continue;
      LaneSpec lane;
      lane.cell = cell, lane.hidden = 256;
      auto model = Model::create(lane, 65, 1);
      Sampler sampler(*model, corpus()->vocabulary, 1);
      const Timing timing = time([&] { sampler.write({.temperature = 1.0}); });
      const double G = traits_of(cell)->gates;
      report(name, timing,
             figure("chars_per_second", 1 / timing.median) + "," +
                 speed(timing, 2 * (G * 256 * 256 + 256 * 65)));
    }
  }

  Options options_;
  const kernels::Kernels* table_;
  Limit limit_loop_;
  struct alignas(64) Sink {
    float values[32] = {};  ///< the limit's sums and, at the end, its two factors: finite for ever
    double operations = 0;
  };
  std::vector<Sink> sinks_;  ///< by thread
  std::shared_ptr<Team> team_;
  Random random_{1};
  std::shared_ptr<const Corpus> corpus_;
  double norm_ = 0;
};

}  // namespace
}  // namespace unroll::bench

namespace {

constexpr const char* usage =
    "unroll_bench [--isa NAME] [--only TEXT] [--passes N] [--seconds S] [--threads N] [--profile]\n"
    "unroll_bench --list: the instruction sets of this machine\n"
    "unroll_bench --learn ...: tests/bench/learn.h says what\n";

int refuse(std::string_view flag, const char* why) {
  std::fprintf(stderr, "%.*s: %s\n%s", static_cast<int>(flag.size()), flag.data(), why, usage);
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string_view> words(arguments + 1, arguments + count);
  if (!words.empty() && words[0] == "--learn") return unroll::bench::learn(std::span(words).subspan(1));
  if (words.size() == 1 && words[0] == "--list") {
    for (const unroll::kernels::Kernels* table : unroll::kernels::available()) std::puts(table->name);
    return 0;
  }
  unroll::bench::Options options;
  for (size_t i = 0, used = 2; i < words.size(); i += used, used = 2) {
    const std::string_view flag = words[i];
    if (flag == "--profile") {
      options.profile = true;
      used = 1;
      continue;
    }
    constexpr std::string_view flags[] = {"--isa", "--only", "--passes", "--threads", "--seconds"};
    if (std::find(std::begin(flags), std::end(flags), flag) == std::end(flags))
      return refuse(flag, "there is no such option");
    if (i + 1 == words.size()) return refuse(flag, "a value is missing");
    const char* value = arguments[i + 2];
    const double number = std::atof(value);
    if (flag == "--isa") {
      if (!unroll::kernels::force(value)) return refuse(flag, "not available on this machine");
    } else if (flag == "--only") {
      options.only = value;
    } else if (!(number > 0 && number <= 1e6)) {
      return refuse(flag, "a number above 0 is wanted");
    } else if (flag == "--passes") {
      options.passes = std::max(1, static_cast<int>(number));
    } else if (flag == "--threads") {
      options.threads = std::max(1, static_cast<int>(number));
    } else {
      options.seconds = number;
    }
  }
  unroll::bench::Bench(std::move(options)).run();
}
