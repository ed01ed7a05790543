"""Writes the golden numbers of this folder with PyTorch 1.13 (Debian's python3-torch), and prints the literals of
tests/random_test.cpp. Run it with the interpreter that has torch: /usr/bin/python3 tests/golden/make_golden.py

passes.json    forward and backward of small models: weights, inputs, losses, softmax, gradients, carried state
training.json  whole training runs: stateful batches of a text, clipping, schedules, every optimizer
"""
import json
import math
import pathlib

import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent
MASK = (1 << 64) - 1


# --- The generator of engine/random.h, written a second time -----------------------------------------------------

class Random:
    GOLDEN = 0x9E3779B97F4A7C15

    def __init__(self, seed, stream=0):
        _, mixed = self.splitmix(seed)
        mixed ^= (stream * self.GOLDEN) & MASK
        mixed, low = self.splitmix(mixed)
        mixed, high = self.splitmix(mixed)
        self.words = [low & 0xFFFFFFFF, low >> 32, high & 0xFFFFFFFF, high >> 32]
        self.spare = None

    def splitmix(self, state):
        state = (state + self.GOLDEN) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return state, z ^ (z >> 31)

    def next(self):
        def rotate(x, k):
            return ((x << k) | (x >> (32 - k))) & 0xFFFFFFFF
        s = self.words
        result = (rotate((s[0] + s[3]) & 0xFFFFFFFF, 7) + s[0]) & 0xFFFFFFFF
        shifted = (s[1] << 9) & 0xFFFFFFFF
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotate(s[3], 11)
        return result

    def uniform(self):
        return (self.next() >> 8) * 2.0**-24

    @staticmethod
    def log(x):
        m, exponent = math.frexp(x)  # m in [1/2, 1)
        m, exponent = m * 2, exponent - 1
        if m > 1.4142135623730951:
            m, exponent = m / 2, exponent + 1
        f = (m - 1) / (m + 1)
        series = 0.0
        for n in range(23, 0, -2):
            series = series * (f * f) + 1.0 / n
        return 2.0 * f * series + exponent * 0.6931471805599453

    def normal(self):
        if self.spare is not None:
            spare, self.spare = self.spare, None
            return spare
        while True:
            u = (self.next() + 0.5) * 2.0**-31 - 1
            v = (self.next() + 0.5) * 2.0**-31 - 1
            s = u * u + v * v
            if s < 1:
                break
        factor = math.sqrt(-2.0 * self.log(s) / s)
        assert abs(self.log(s) - math.log(s)) < 1e-15 * max(1, abs(math.log(s)))
        self.spare = v * factor
        return u * factor


def print_random_literals():
    for seed, stream in ((1, 0), (2, 0), (1, 1)):
        random = Random(seed, stream)
        print(f"Random({seed}, {stream}):", [random.next() for _ in range(4)])
    random = Random(1)
    print("uniform():", [random.uniform().hex() for _ in range(4)])
    print("uniform(-0.25, 0.25):",
          [torch.tensor(-0.25 + 0.5 * random.uniform(), dtype=torch.float32).item().hex() for _ in range(4)])
    print("normal():", [random.normal().hex() for _ in range(6)])


# --- The same model in PyTorch ---------------------------------------------------------------------------------------

class CharacterModel(nn.Module):
    def __init__(self, cell, vocabulary, hidden, layers=1, embedding=0, nonlinearity="tanh"):
        super().__init__()
        self.vocabulary = vocabulary
        if embedding:
            self.embedding = nn.Embedding(vocabulary, embedding)
        options = {"nonlinearity": nonlinearity} if cell == "rnn" else {}
        kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell]
        self.rnn = kind(embedding or vocabulary, hidden, layers, **options)
        self.decoder = nn.Linear(hidden, vocabulary)

    def forward(self, inputs, state):
        if hasattr(self, "embedding"):
            x = self.embedding(inputs)
        else:
            x = nn.functional.one_hot(inputs, self.vocabulary).to(self.decoder.weight.dtype)
        h, state = self.rnn(x, state)
        return self.decoder(h), state


def numbers(tensor):
    """float32 values with as many digits as they need to come back exactly."""
    return [float(f"{x:.9g}") for x in tensor.detach().to(torch.float32).flatten().tolist()]


def named(tensors):
    return {name: numbers(tensor) for name, tensor in tensors}


def detached(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


def make_passes():
    V, H, T, B = 7, 6, 5, 3
    cases = [
        {"cell": "rnn"},
        {"cell": "rnn", "nonlinearity": "relu"},
        {"cell": "rnn", "layers": 2, "embedding": 4},
        {"cell": "lstm"},
        {"cell": "lstm", "layers": 2},
        {"cell": "lstm", "layers": 3, "embedding": 4},
        {"cell": "gru"},
        {"cell": "gru", "layers": 2},
        {"cell": "gru", "layers": 2, "embedding": 5},
    ]
    for case in cases:
        model = CharacterModel(vocabulary=V, hidden=H, **case)
        for parameter in model.parameters():
            parameter.data = (parameter.data * 2).to(torch.float32)  # larger than usual, so that gates move
        case.update({"vocabulary": V, "hidden": H, "seq_length": T, "batch": B,
                     "parameters": named(model.state_dict().items())})
        state = None
        case["passes"] = []
        for _ in range(2):  # the second one starts from the state that the first one left
            inputs, targets = torch.randint(V, (2, T, B))
            model.double().zero_grad()
            logits, state = model(inputs, state)
            loss = nn.functional.cross_entropy(logits.view(-1, V), targets.view(-1))
            loss.backward()
            state = detached(state)
            h, c = state if isinstance(state, tuple) else (state, torch.zeros(0))
            case["passes"].append({
                "inputs": inputs.flatten().tolist(), "targets": targets.flatten().tolist(), "loss": loss.item(),
                "probabilities": numbers(logits.softmax(-1)), "h": numbers(h), "c": numbers(c),
                "gradients": named((name, p.grad) for name, p in model.named_parameters())})
    return cases


TEXT = "the cat sat on the mat and the rat ran at the cat that sat on the mat; then the cat ran at the rat.\n" * 2


def make_training():
    runs = [
        {"optimizer": "sgd", "rate": 0.5, "momentum": 0.9, "clip": 0.5},
        {"optimizer": "sgd", "rate": 0.3, "momentum": 0.0, "weight_decay": 0.01, "clip": 0.0},
        {"optimizer": "rmsprop", "rate": 0.003, "clip": 1.0, "schedule": "cosine", "steps": 12},
        {"optimizer": "adam", "rate": 0.01, "clip": 0.25, "schedule": "cosine", "steps": 12, "warmup": 4},
        {"optimizer": "adam", "rate": 0.005, "clip": 0.0, "weight_decay": 0.02, "warmup": 5},
        {"optimizer": "adamw", "rate": 0.01, "clip": 1.0, "weight_decay": 0.1, "beta1": 0.8, "beta2": 0.98},
    ]
    symbols = sorted(set(TEXT))
    ids = torch.tensor([symbols.index(c) for c in TEXT])
    V, H, T, B, steps = len(symbols), 8, 7, 4, 12
    for run, cell in zip(runs, ("rnn", "lstm", "gru", "lstm", "gru", "rnn")):
        model = CharacterModel(cell, V, H)
        run.update({"cell": cell, "hidden": H, "seq_length": T, "batch": B, "text": TEXT,
                    "parameters": named(model.state_dict().items())})
        model.double()
        rate, decay = run["rate"], run.get("weight_decay", 0.0)
        if run["optimizer"] == "sgd":
            optimizer = torch.optim.SGD(model.parameters(), rate, momentum=run["momentum"], weight_decay=decay)
        elif run["optimizer"] == "rmsprop":
            optimizer = torch.optim.RMSprop(model.parameters(), rate, weight_decay=decay)
        else:
            kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[run["optimizer"]]
            betas = (run.get("beta1", 0.9), run.get("beta2", 0.999))
            optimizer = kind(model.parameters(), rate, betas=betas, weight_decay=decay)
        warmup = run.get("warmup", 0)

        def factor(step):
            if step < warmup:
                return (step + 1) / warmup
            if run.get("schedule") == "cosine":
                return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (run["steps"] - warmup)))
            return 1.0

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        stream_length = (len(ids) - 1) // B
        per_epoch = stream_length // T
        run["losses"], run["norms"], run["rates"] = [], [], []
        state = None
        for step in range(steps):
            chunk = step % per_epoch
            if chunk == 0:
                state = None
            starts = [b * stream_length + chunk * T for b in range(B)]
            inputs = torch.stack([ids[s:s + T] for s in starts], 1)
            targets = torch.stack([ids[s + 1:s + T + 1] for s in starts], 1)
            optimizer.zero_grad()
            logits, state = model(inputs, state)
            loss = nn.functional.cross_entropy(logits.reshape(-1, V), targets.reshape(-1))
            loss.backward()
            norm = nn.utils.clip_grad_norm_(model.parameters(), run["clip"] or math.inf)
            run["rates"].append(schedule.get_last_lr()[0])
            optimizer.step()
            schedule.step()
            state = detached(state)
            run["losses"].append(loss.item())
            run["norms"].append(norm.item())
        run["final"] = named(model.state_dict().items())
    return runs


def write(name, records):
    lines = ",\n".join(json.dumps(record, separators=(",", ":")) for record in records)
    (FOLDER / name).write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    torch.manual_seed(1)
    print_random_literals()
    write("passes.json", make_passes())
    write("training.json", make_training())
