// Layer 4, the lane protocol. A lane is an actor: it takes commands and sends events, and shares nothing else with
// the front end. On the desktop it lives in a std::thread, in the browser in a Web Worker; the messages are the
// same bytes in both: u32 little-endian length of a JSON header, the header (UTF-8), zero padding to a multiple of
// 4, then the payload (float32 little-endian unless said otherwise).
//
// Every command and event is one JSON header with a "type"; the tables below are the whole protocol. `?` marks what
// may be missing, and then the default follows. A command with an unknown field, a wrong type or a value outside
// its range is answered by `error`, and the lane goes on as before it.
//
// Commands                                                                                       answer
//   configure  {experiment, lane}              build the lane anew: step 0, seed's weights       configured
//   run        {until?}                        train until paused (or that step is done)         state
//   pause      {}                              stop training; then validate, if there is need    state, metrics
//   step       {count? 1}                      train `count` steps, then pause                   state, metrics, state
//   tune       {rate?, clip?}                  at any time; the saved experiment records it      state
//   write      {on, temperature? 0.8, top_k? 0, top_p? 1, rate? 60}
//                                              continuous sample while it trains, about `rate`
//                                              characters a second                               written…
//   heard      {}                              metrics and written so far were taken. Who says it once, is told
//                                              no more than 16 of them before it says so again: what is
//                                              trained meanwhile comes with the next ones, thinned
//   rewind     {}                              stop, and go back to the last good weights and their
//                                              step (Trainer::rewind): after a loss without sense       state
//   sample     {id, prompt, length, temperature? 0.8, top_k? 0, top_p? 1, seed? 1}               sample
//   predict    {id, prefix}                    next-character distribution                       prediction
//   probe      {id, text, top? 3}              loss and best predictions at every character      probe
//   activations {id, text, layer? 0, which: [names]}
//                                              states and gates of every unit                    activations
//   cell       {id, text, layer? 0, position, count? 1}
//                                              everything inside a layer while it reads some
//                                              characters                                        cell
//   intervene  {id, set: [{kind, layer? 0, unit? -1, what, value? 0, first? 0, last? forever}]}
//                                              reach into the cell (engine/model/intervention_set.h); kind:
//                                              clamp, set, ablate or freeze; what: an equation or state of
//                                              the cell; without it ablate and freeze every state   intervened
//   flow       {id, text, position, lags? 0}   how the loss at a character reaches back          flow
//   horizon    {id, text?, lags? 200, positions? 64}
//                                              memory horizon (engine/probes/probe.h)                   horizon
//   spectrum   {id, layer? 0}                  of the layer's recurrent weights                   spectrum
//   units      {id, text?, layer? 0, which, pattern?}
//                                              which unit follows what in the text? (pattern: a
//                                              regular expression, engine/text/pattern.h)             units
//   weights    {id, block, change? false}      one parameter block, or its change since step 0   weights
//   walk       {id}                            one training step, recorded (the lane must stand) state, walk,
//                                                                                                metrics, state
//   blocks     {id}                            gradient and update of each parameter block       blocks
//   block_history {id}                         the same over the training so far                 block_history
//   gradient_check {id, text, samples? 32, seed? 1}
//                                              backward pass against finite differences          gradient_check
//   baselines  {id}                            what a score means: of models without a network   baselines
//   example    {id, index | text}              a held-out sequence of the task, or one of one's own where the
//                                              task takes some, and what the network says to it    example
//   series     {id}                            where values follow each other in time: these         series
//   forecast   {id, origin, steps? 0, paths? 40}
//                                              the network running on from the value at `origin`, on its own
//                                              answers; steps 0: as many as the task tells errors for   forecast
//   strokes    {id, text, bias? 0, seed? 1}    where a pen writes: the letters of a text that it knows, each
//                                              drawn by the network on its own (engine/base/mixture.h: bias) strokes
//   save       {id}                                                                              checkpoint
//   onnx       {id}                            the network for other programs (engine/model/onnx.h)     onnx
//   load       {text?}    payload: file bytes  resume from a checkpoint, paused; text: what it learns, if
//                                              the file only names a built-in text               configured
//
// probe, activations, cell, flow and gradient_check take `example: n` instead of `text`: held-out sequence n of the task
// (below), of whatever kind. Where the task has no characters (`vocabulary` of configured is empty) that is the only way,
// and write, sample, predict, horizon and units are answered by `error`.
//
// Ranges: id, index and example 0 … 2^53 · until, seed 0 … 2^53 · count 1 … 2^53 · lane 0 … lanes − 1 · rate and clip as in the
// experiment · write.rate 1 … 2000 · temperature 0 … 5 · top_k 0 … 20000 · top_p 0 … 1 · length 0 … 100000 ·
// top 1 … 16 · example.text at most 16384 characters · origin first_origin … length − 1 of series · steps 0 … 1000 · paths 0 … 200 · strokes.text at most 64 characters · bias 0 … 5 · load.text at most 16 MiB · prompt, prefix and probed text at most 4096 characters, that of gradient_check 256 ·
// layer 0 … layers − 1 · which: 1 to 8 names of equations of the cell (lstm: i f g o c h); at most 2^24
// values in all · flow.position 1 … N − 1, counted in the characters that the model knows, of an example 0 … N − 1 · cell.position
// 0 … N − 1, count 1 … 64 and within the text · set: at most 64, of a model with at most 4000000 parameters; unit
// −1 = all; value and what as in engine/model/intervention_set.h; first, last 0 … 2^53 · units.which: one of those of
// activations; pattern 1 … 200 characters · block: PyTorch's name, of at most 2^22 values; change: of a model with
// at most 2^24 parameters · flow.lags 0 (to the start) … 4096 · horizon.lags 1 … 1000 · positions
// 1 … 64 · samples 1 … 256 · spectrum of at most 512 hidden units · gradient_check of at most 4000000 parameters ·
// flow and horizon within 256 MiB of memory. An experiment of the task "text" must hold its
// text (data.text).
//
// activations, cell, units, flow, horizon, forecast and strokes read the running weights, so training waits for their answers; spectrum
// and gradient_check work on copies while it goes on. They are answered in the order of their commands, by and by.
// weights, blocks and block_history are answered at once. None changes what the model learns.
//
// After `intervene`, commands probe, predict, sample, strokes, activations and cell, and the continuous sample, are answered
// under its set, until the next `intervene`, configure or load; an empty set restores. probe and predict then are
// answered by and by too. All else, training above all, knows nothing of it. Characters are counted in the text, in
// samples from the prompt's first, in the continuous sample from where `intervene` let it begin anew.
//
// Events. All with `id` and `step` have `took`, too: seconds that the lane worked for that answer.
//   ready       {isa}                          once, when the lane exists
//   configured  {lane, parameters, vocabulary: "sorted symbols", train_characters, valid_characters, batch,
//                seq_length, steps_per_epoch, step, valid_every, notices: [text…], task, shape: {inputs, reals,
//                outputs, head: "softmax"|"linear"|"gaussian"|"ctc"|"mixture"}, input_names?: [text…], output_names?: [text…], experiment?}
//               task: its name in the table of engine/tasks/kinds.h. vocabulary: of a task that reads characters; else
//               empty, and there are names: of symbols and classes, one character or a word each; none where there are
//               numbers. seq_length: the longest. steps_per_epoch 0: nothing comes again. valid_every: steps between two validations, 0 = nothing to validate on. experiment: after `load`,
//               the file's; its only lane is this one
//   state       {running, step, rate, clip, reason?, message?}
//               reason: "asked", "until", "steps", "diverged" or "rewound"
//               the answer to run, step, pause and tune, and sent when training stops: then with the reason.
//               "diverged": step + 1 gave a loss, gradient or weights not finite; message says it for people
//   metrics     {first, step, stride, epoch, rate, chars_per_second, seconds, cores, left_out?, valid?: {step, loss, name, value,
//                unit, better: "lower"|"higher", count, others?: {name: value}, curves?: [{name, x, at: [], value: []}]}}
//               payload: (n, 2) loss, grad_norm of the steps first … step, each row the mean of `stride` of them
//               (the last one of what is left): stride is 1 where they are at most 512, n 0 where the event only
//               brings `valid`. At most 25 a second beside those with `valid`, and one before a stop.
//               chars_per_second: smoothed over
//               about a second of training; seconds: all time spent in training steps. cores: how many
//               worked at the last one, helpers among them (helper.h). left_out: sequences so far that are
//               too short for the labels they should say, so that no loss is of them. valid: the task's
//               score on the held-out part (Score in engine/tasks/task.h) and the mean loss there; null: no number
//   written     {step, text, intervened}       the next characters of the continuous sample. intervened here and
//               below: whether interventions were at work
//   sample      {id, step, text, unknown, intervened}
//               unknown: characters of the prompt that the vocabulary lacks
//   prediction  {id, step, unknown, prefix_length, intervened}
//               payload: (V) probabilities. prefix_length: characters of the prefix that the model knows
//   probe       {id, step, text, unknown, top, intervened}
//               text: the N known characters. payload: (N) loss, (N, top) ids as floats, (N, top) probabilities;
//               the loss and the probabilities of the first character are NaN. top is at most the vocabulary's size
//   activations {id, step, text, unknown, layer, which: [names], hidden, intervened}
//               payload: (W, N, H) in the order of `which`: their values while each of the N known characters
//               was read; of a state after it
//   cell        {id, step, text, unknown, layer, position, count, hidden, rows: [names], intervened}
//               payload: (count, R, H). rows: engine/probes/layer_probe.h
//   intervened  {id, count}                    count: of the set
//   flow        {id, step, text, unknown, position, lags, layers, states: [names], output}
//               payload: (S, L, K) norms of the loss' gradient by each state of the cell, (K) by the input; K = lags.
//               states: in the order of the cell, the memory first; output: the number of the one that goes up.
//               Lag k: the state after character position − 1 − k, and that character (GradientFlow in probe.h)
//   horizon     {id, step, source: "text"|"valid"|"train", characters, reached, positions}
//               source: what it was measured on; without a text the first 4096 characters of the validation
//               part, or of the training part where there is none. reached false: `characters` is a lower bound.
//               payload: (K) influence at lags 0 … K − 1; K = lags, or fewer where the text is shorter
//   spectrum    {id, step, layer, gates: [names]}
//               payload: (G, 2) largest singular value and largest eigenvalue modulus of each (H, H) block that is
//               multiplied with states or what follows from them, by the equation that has it (rnn: h)
//   units       {id, step, source, characters, layer, which, hidden, features: [names]}
//               source as in horizon; without a text the first 8192 characters, or fewer where there are more than
//               512 hidden units. payload: (F, H) Pearson's correlation, NaN where one of the two never changes.
//               features: engine/probes/unit_features.h
//   weights     {id, step, name, rows, cols, change}
//               payload: (rows, cols) weights, or weights minus those of step 0; cols is 1 for a bias
//   walk        {id, step, stream: 0, length, text, targets, loss, grad_norm, clip_factor, rate, layers, names, sizes}
//               the step as it was for the batch's first stream. T = length. text: its characters, targets: those
//               that follow; empty where the task has none. payload: (T) loss at each, NaN where nothing was asked; (L, T) ‖h_t‖; (T) ‖∂loss/∂h_t‖ of the bottom layer;
//               (blocks, 4) as in `blocks`. `error` when training stopped before the step was done
//   blocks      {id, step, names: [PyTorch's], sizes: [parameters]}
//               payload: (blocks, 4) norms of the weights, of the last step's gradient before clipping and of its
//               update, and update / weights; the last three are NaN where no step was done since configure or
//               load, or where it diverged
//   block_history {id, step, stride, names: [PyTorch's], steps: [P increasing]}
//               payload: (P, blocks, 3) norms of the weights and of the gradient before clipping, update / weights, at
//               each of these steps: those since configure or load that are a multiple of the stride or a power of
//               two. P is at most 256: then the stride doubles (engine/probes/block_history.h)
//   gradient_check {id, step, text, error, blocks: [PyTorch's names]}
//               payload: (samples, 4) block, index in it, gradient of the backward pass, finite difference.
//               error: ‖backward − difference‖ / (‖backward‖ + ‖difference‖)
//   baselines   {id, list: [{name, value, about, of?, loss?, curve?: {name, x, at, value}}]}
//               by the measure of the score, or where `of` is there of that one among its others; of a given text also uniform, unigram, bigram, best, best_order, on_valid,
//               nats per character
//   example     {id, step, index | text, length, marks: [{kind: "enters"|"needed", position, label}], columns: [text…],
//                unit?, turn?, written?, intervened}
//               N = length. payload: inputs, (N) symbols as floats or (N, inputs) numbers; targets, (N) classes or
//               (N, outputs) numbers, of ctc the labels from the first place on and then 0; (N) weights; (N, outputs) probabilities or numbers of the network. columns: of
//               the N places, or none. Of a text nothing is asked: targets and weights are 0. unit: the numbers are
//               scaled, and what they mean in that unit follows: (N) read, (N) to be said, (N) said; NaN: missing.
//               Of a translation the first `turn` places are the source, `written` are the classes that the network writes
//               to it on its own, and a text of one's own goes on with these; with attention follow (N − turn, turn)
//               weights over the source
//               probe with an example: {…, example, length, top, turn?, written?} instead of the texts; payload as of a text, but row n is
//               the loss of the prediction made when place n was read, NaN where nothing is asked; top 0 where outputs are
//               numbers. activations, cell, flow, gradient_check: {…, example, length, …} instead of text and unknown;
//               lag 0 of flow is the state after place `position` was read
//   series      {id, title, quantity, unit, source, before, length, train, first_origin, steps, seasons: [steps],
//                axis: {step, start, moments?}}
//               payload: (length) values of what is predicted, NaN: missing; the first `train` of them are trained on.
//               before: what people call the value one step before: "yesterday's value". steps: that errors are told
//               for. axis: engine/tasks/series_time.h: step by its name, start and moments in seconds since 1970
//   forecast    {id, step, origin, steps, noise}
//               payload: (4, steps) in the series' unit: the network's own forecast of origin + 1, …; and the lowest
//               tenth, the middle and the highest tenth of `paths` whose answers got noise as large as its errors before
//               the origin; `noise` is that, scaled
//   strokes     {id, step, text, unknown, bias, lengths: [points], ended: [booleans], intervened}
//               text: the letters that were written, and of each how many points it has, and whether the network itself
//               ended it there. payload: (N, 4) of all points how far each lies from the one before it in the letter, to
//               the right and down, 1 where it ends a stroke, 1 where it ends the letter; (N, outputs) what the
//               network said before it drew each, without the bias
//   checkpoint  {id, step, crc, file_name}     payload: file bytes; crc: theirs (crc32 in engine/document/zip.h). Metrics of all steps
//               that are in it come before it
//   onnx        {id, step, file_name}          payload: file bytes
//   error       {command, id?, where, what, hint}
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/base/result.h"

namespace unroll {

struct Message {
  Json header;                   ///< an object with a string "type"
  std::vector<uint8_t> payload;  ///< meaning: by type

  std::string type() const;  ///< empty when the header has none
};

std::vector<uint8_t> encode(const Message&);
std::vector<uint8_t> encode(std::string_view header, std::span<const uint8_t> payload);  ///< header: as JSON
/// Errors: too short, header longer than the message, not a JSON object, nested deeper than 16, no type.
Result<Message> decode(std::span<const uint8_t> bytes);

/// Payload helpers. `floats` errors when the size is no multiple of 4.
std::vector<uint8_t> payload_of(std::span<const float> values);
Result<std::vector<float>> floats_of(const Message&);

}  // namespace unroll
