// What the view "One step" shows, as JSON: from the same walks as its picture.
#include <cmath>

#include "web/toolkit/named_symbols.h"
#include "web/views/one_step/one_step.h"

namespace unroll {
namespace {

Json numbers(const std::vector<float>& values) {
  Json list = Json::array();
  for (float value : values) list.push_back(std::isfinite(value) ? Json(value) : Json(nullptr));
  return list;
}

}  // namespace

Json one_step_json(const App& app, const OneStep& one) {
  const Moments moments = moments_of(app.session);
  Json lanes = Json::array();
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const auto walk = walk_of(app.session, i);
    const auto& error = app.session.answer(i, "walk").error;
    if (!walk || error) {
      lanes.push_back({{"error", error ? Json(error->text()) : Json(nullptr)}});
      continue;
    }
    lanes.push_back({{"step", walk->step},
                     {"text", symbol_texts(walk->text)},
                     {"targets", symbol_texts(walk->targets)},
                     {"loss", walk->loss},
                     {"mean_loss", walk->mean_loss()},
                     {"grad_norm", walk->grad_norm},
                     {"clip_factor", walk->clip_factor},
                     {"rate", walk->rate},
                     {"layers", walk->layers},
                     {"losses", numbers(walk->losses)},
                     {"hidden", numbers(walk->hidden)},
                     {"gradient", numbers(walk->gradient)},
                     {"blocks", block_norms_json(walk->blocks)},
                     {"caption", caption(app, i, *walk, moments, one.moment)}});
  }
  return {{"wanted", one.wanted},
          {"under_way", one.under_way},
          {"playing", one.playing},
          {"moment", one.moment},
          {"moments", moments.count()},
          {"phase", phase_names[static_cast<size_t>(moments.phase(one.moment))]},
          {"character", moments.character(one.moment)},
          {"block", moments.block(one.moment)},
          {"lanes", lanes}};
}

}  // namespace unroll
