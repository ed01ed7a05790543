// The settings that all lanes share.
#include <algorithm>

#include "web/app.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/view.h"

namespace unroll {
namespace {

constexpr double batches[] = {1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256};
constexpr double lengths[] = {1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024};
constexpr double rates[] = {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.004, 0.006, 0.008,
                            0.012,  0.02,   0.03,   0.05,  0.1,   0.2,   0.5,   1,     2};
constexpr double clips[] = {0, 0.1, 0.25, 0.5, 1, 2, 5, 10};
constexpr double momenta[] = {0, 0.5, 0.8, 0.9, 0.95, 0.99};
constexpr double betas[] = {0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999};
constexpr double decays[] = {0, 0.0001, 0.001, 0.01, 0.05, 0.1};
constexpr double step_counts[] = {0, 100, 200, 500, 1000, 2000, 3000, 5000, 10000, 20000, 50000, 100000};

template <class Number>
bool row(const char* label, const char* name, Number& value, std::span<const double> ladder,
         const char* zero = nullptr) {
  const Field& field = unroll::field("train", name);
  double number = static_cast<double>(value);
  const double least = field.name == std::string_view("rate") ? 1e-6 : field.minimum;
  const bool edited = ui::number_row((std::string("train.") + name).c_str(), label, field.help, number,
                                     {.minimum = least,
                                      .maximum = field.maximum,
                                      .ladder = ladder,
                                      .integer = field.type == FieldType::integer,
                                      .zero = zero});
  if (edited) value = static_cast<Number>(number);
  return edited;
}

template <class Enum>
bool choice(const char* label, const char* name, Enum& value, std::span<const char* const> words) {
  const Field& field = unroll::field("train", name);
  int chosen = static_cast<int>(value);
  const bool edited =
      ui::choice_row((std::string("train.") + name).c_str(), label, field.help, words, chosen);
  value = static_cast<Enum>(chosen);
  return edited;
}

class TrainingView final : public View {
 public:
  TrainingView()
      : View({.help = {{"Training",
                        "What all lanes share. The learning rate and the clipping take effect at once, the "
                        "rest with a restart."}}}) {}
  void draw(App&, ImVec2 size) override;

 private:
  bool more_ = false;  ///< the rarer settings are open
};

}  // namespace

void TrainingView::draw(App& app, ImVec2 size) {
  Session& session = app.session;
  TrainSpec& train = session.wanted.train;
  ui::begin_card("training", "Training", size);
  constexpr const char* optimizers[] = {"SGD", "RMSprop", "Adam", "AdamW"};
  constexpr const char* schedules[] = {"constant", "cosine"};
  bool edited = false, tuned = false;
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(space::s, space::xs));
  tuned |= row("Learning rate", "rate", train.rate, rates);
  edited |= row("Batch", "batch", train.batch, batches);
  edited |= row("Sequence length", "seq_length", train.seq_length, lengths);
  edited |= choice("Optimizer", "optimizer", train.optimizer, optimizers);
  if (ui::fold("training.more", more_ ? "Less" : "More", more_)) {
    tuned |= row("Clip gradient", "clip", train.clip, clips, "off");
    if (choice("Schedule", "schedule", train.schedule, schedules)) {
      edited = true;
      if (train.schedule == Schedule::cosine && train.steps == 0) train.steps = 3000;
    }
    edited |= row("Stop after", "steps", train.steps, step_counts, "never");
    if (train.steps == 0 && train.schedule == Schedule::cosine) train.schedule = Schedule::constant;
    edited |= row("Warm-up steps", "warmup", train.warmup, step_counts, "none");
    if (train.optimizer == OptimizerKind::sgd)
      edited |= row("Momentum", "momentum", train.momentum, momenta, "none");
    if (train.optimizer == OptimizerKind::adam || train.optimizer == OptimizerKind::adamw) {
      edited |= row("Beta 1", "beta1", train.beta1, betas);
      edited |= row("Beta 2", "beta2", train.beta2, betas);
    }
    edited |= row("Weight decay", "weight_decay", train.weight_decay, decays, "none");
    double seed = static_cast<double>(train.seed);
    constexpr double seeds[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    const Field& field = unroll::field("train", "seed");
    if (ui::number_row("train.seed", "Seed", field.help, seed,
                       {.minimum = 0, .maximum = field.maximum, .ladder = seeds, .integer = true})) {
      train.seed = static_cast<uint64_t>(seed);
      edited = true;
    }
  }
  ImGui::PopStyleVar();
  if (edited) session.edited();
  if (tuned) session.tune();
  ui::end_card();
}

std::unique_ptr<View> make_training_view() { return std::make_unique<TrainingView>(); }

}  // namespace unroll
