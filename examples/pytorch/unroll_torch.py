"""Checkpoints of Unroll in PyTorch, and back: what the other scripts of this folder share.

A checkpoint is a .safetensors file (docs/files.md). Its model tensors are the state_dict of the module below; what training needs
beside them has names that begin with "unroll.", and the rest is text in the header's metadata. Needs PyTorch 1.13 or later, and
nothing else. With the `safetensors` package, safetensors.safe_open does what read() does.
"""
import importlib.util
import json
import math
import os
import struct

import torch
from torch import nn
from torch.nn import functional as F


def read(path):
    """The file: tensors by name, in its order, and metadata."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = torch.frombuffer(bytearray(data[begin:end]), dtype=torch.float32).reshape(entry["shape"])
    return tensors, metadata


def write(path, tensors, metadata):
    """A whole file or none: it is written beside the old one and then takes its name."""
    header, parts, at = {"__metadata__": metadata}, [], 0
    for name, tensor in tensors.items():
        part = tensor.detach().to("cpu", torch.float32).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + len(part)]}
        parts.append(part)
        at += len(part)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{path}.part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.part", path)


class Model(nn.Module):
    """A model whose cell is torch's own: rnn, lstm or gru. States are {"h": (layers, batch, hidden), "c": …}."""

    def __init__(self, lane, vocabulary):
        super().__init__()
        embedding, layers = lane.get("embedding", 0), lane.get("layers", 1)
        options = {"num_layers": layers, "dropout": lane.get("dropout", 0.0) if layers > 1 else 0.0}
        cell, hidden = lane.get("cell", "lstm"), lane.get("hidden", 128)
        if cell == "rnn":
            options["nonlinearity"] = lane.get("nonlinearity", "tanh")
        self.vocabulary = vocabulary
        if embedding:
            self.embedding = nn.Embedding(vocabulary, embedding)
        self.rnn = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell](embedding or vocabulary, hidden, **options)
        self.decoder = nn.Linear(hidden, vocabulary)

    def forward(self, ids, states=None):
        """ids (time, batch) -> logits (time, batch, vocabulary), states after the last."""
        x = self.embedding(ids) if hasattr(self, "embedding") else F.one_hot(ids, self.vocabulary).to(self.decoder.weight.dtype)
        given = None if states is None else (states["h"], states["c"]) if "c" in states else states["h"]
        out, after = self.rnn(x, given)
        return self.decoder(out), dict(zip("hc", after if isinstance(after, tuple) else (after,)))


class ExportedModel(nn.Module):
    """The same around the module that `unroll export --pytorch` wrote, for every other cell."""

    def __init__(self, path):
        super().__init__()
        spec = importlib.util.spec_from_file_location("exported", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.inner = module.Model()

    def forward(self, ids, states=None):
        layers = None
        if states is not None:
            layers = [{name: state[layer] for name, state in states.items()} for layer in range(self.inner.rnn.layers)]
        logits, after = self.inner(ids, layers)
        return logits, {name: torch.stack([layer[name] for layer in after]) for name in after[0]}

    def state_dict(self, *arguments, **options):
        return self.inner.state_dict(*arguments, **options)

    def load_state_dict(self, *arguments, **options):
        return self.inner.load_state_dict(*arguments, **options)


def flat(state):
    """A state as the file has it: of a matrix (layers, batch, hidden, columns) the columns one behind the other."""
    return state if state.dim() == 3 else state.transpose(2, 3).flatten(2)


def unflat(state, hidden):
    columns = state.shape[2] // hidden
    return state if columns == 1 else state.unflatten(2, (columns, hidden)).transpose(2, 3)


class Checkpoint:
    """A model with all that its training needs to go on, here or in Unroll."""

    def __init__(self, path, module=None):
        self.tensors, self.metadata = read(path)
        self.experiment = json.loads(self.metadata["experiment"])
        if "vocabulary" not in self.metadata:
            raise SystemExit(f"{path}: is a model of the task {self.experiment['data']['task']['name']}; these scripts read models of texts")
        self.vocabulary = self.metadata["vocabulary"]
        # What a document leaves out has its default (engine/document/experiment.h).
        lane, self.train = self.experiment["lanes"][0], self.experiment.setdefault("train", {})
        self.full_rate = lane.get("rate") or self.train.get("rate", 0.003)
        if module is None and lane.get("cell", "lstm") not in ("rnn", "lstm", "gru"):
            raise SystemExit(f"{path}: its cell is {lane['cell']}, which PyTorch does not have: write it with\n"
                             f"  unroll export {path} --pytorch cell.py\nand give --module cell.py")
        self.model = ExportedModel(module) if module else Model(lane, len(self.vocabulary))
        self.names = [name for name in self.tensors if not name.startswith("unroll.")]
        self.model.load_state_dict({name: self.tensors[name] for name in self.names}, strict=True)
        self.steps = int(self.metadata.get("steps", 0))
        prefix = "unroll.state."
        self.states = {name[len(prefix):]: unflat(tensor, lane.get("hidden", 128)) for name, tensor in self.tensors.items() if name.startswith(prefix)}

    def ids(self, text):
        """The characters that the model knows; others are passed over, as Unroll does."""
        numbers = {symbol: number for number, symbol in enumerate(self.vocabulary)}
        return torch.tensor([numbers[symbol] for symbol in text if symbol in numbers])

    # The moments of an optimizer are one flat tensor in the order of the parameters. By optimizer: torch's name of each.
    MOMENTS = {"sgd": {"first": "momentum_buffer"}, "rmsprop": {"second": "square_avg"},
               "adam": {"first": "exp_avg", "second": "exp_avg_sq"}, "adamw": {"first": "exp_avg", "second": "exp_avg_sq"}}

    def parameters(self):
        by_name = dict((self.model.inner if isinstance(self.model, ExportedModel) else self.model).named_parameters())
        return [by_name[name] for name in self.names]

    def optimizer(self):
        """torch's, as the experiment says, with the moments of the file."""
        train, rate = self.train, self.full_rate
        kind = train.get("optimizer", "adam")
        parameters, decay = self.parameters(), train.get("weight_decay", 0.0)
        if kind == "sgd":
            made = torch.optim.SGD(parameters, rate, momentum=train.get("momentum", 0.9), weight_decay=decay)
        elif kind == "rmsprop":
            made = torch.optim.RMSprop(parameters, rate, weight_decay=decay)
        else:
            betas = (train.get("beta1", 0.9), train.get("beta2", 0.999))
            made = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[kind](parameters, rate, betas=betas, weight_decay=decay)
        done = int(self.metadata.get("optimizer_steps", 0))
        for which, torch_name in self.MOMENTS[kind].items():
            stored = self.tensors.get(f"unroll.optimizer.{which}")
            if stored is None or done == 0:
                continue
            sizes = [parameter.numel() for parameter in parameters]
            for parameter, part in zip(parameters, stored.split(sizes)):
                state = made.state[parameter]
                state[torch_name] = part.reshape(parameter.shape).clone()
                if kind != "sgd":
                    state["step"] = torch.tensor(float(done))
        return made

    def save(self, path, optimizer, states, steps):
        """A checkpoint that Unroll resumes at `steps`."""
        tensors = {name: tensor for name, tensor in self.model.state_dict().items()}
        tensors = {name: tensors[name] for name in self.names}
        kind = self.train.get("optimizer", "adam")
        for which, torch_name in self.MOMENTS[kind].items():
            moments = [optimizer.state[parameter].get(torch_name) for parameter in self.parameters()]
            moments = [torch.zeros_like(p) if m is None else m for m, p in zip(moments, self.parameters())]
            tensors[f"unroll.optimizer.{which}"] = torch.cat([moment.flatten() for moment in moments])
        for name, state in states.items():
            tensors[f"unroll.state.{name}"] = flat(state)
        done = int(self.metadata.get("optimizer_steps", 0)) + steps - self.steps
        told = {"experiment": json.dumps(self.experiment), "steps": str(steps), "optimizer_steps": str(done)}
        write(path, tensors, {**self.metadata, **told})


def scheduled_rate(train, rate, step):
    """Of the step that many steps came before: as engine/model/optimizer.h says."""
    warmup, steps = train.get("warmup", 0), train.get("steps", 0)
    if step < warmup:
        return rate * (step + 1) / warmup
    if train.get("schedule", "constant") != "cosine":
        return rate
    return rate * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(steps - warmup, 1)))) / 2
