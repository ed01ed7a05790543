#!/usr/bin/env python3
"""Loads a checkpoint of Unroll into PyTorch, as a stranger would, and measures it on a text.

    load_in_torch.py MODEL.safetensors TEXT.txt

The module below is what anybody would write: torch.nn.Embedding / RNN / LSTM / GRU / Linear with their own
names. load_state_dict is strict. Prints one JSON object: the mean loss in nats per character over the text
(one stream from a zero state), the number of characters, and the likeliest next character after the text.
With the `safetensors` package, read() below is `safetensors.torch.load_file`; here it is written out.
"""
import json
import struct
import sys

import torch
from torch import nn


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        assert entry["dtype"] == "F32"
        flat = torch.frombuffer(bytearray(data[8 + length + begin : 8 + length + end]), dtype=torch.float32)
        tensors[name] = flat.reshape(entry["shape"])
    return tensors, metadata


class Model(nn.Module):
    def __init__(self, lane, vocabulary):
        super().__init__()
        embedding = lane.get("embedding", 0)
        self.vocabulary = vocabulary
        if embedding:
            self.embedding = nn.Embedding(vocabulary, embedding)
        options = dict(num_layers=lane.get("layers", 1))
        if lane["cell"] == "rnn":
            options["nonlinearity"] = lane.get("nonlinearity", "tanh")
        cell = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[lane["cell"]]
        self.rnn = cell(embedding or vocabulary, lane["hidden"], **options)
        self.decoder = nn.Linear(lane["hidden"], vocabulary)

    def forward(self, ids):
        embed = getattr(self, "embedding", None)
        x = embed(ids) if embed else nn.functional.one_hot(ids, self.vocabulary).float()
        return self.decoder(self.rnn(x)[0])


def load(path):
    tensors, metadata = read(path)
    lane = json.loads(metadata["experiment"])["lanes"][0]
    model = Model(lane, len(metadata["vocabulary"]))
    weights = {name: tensor for name, tensor in tensors.items() if not name.startswith("unroll.")}
    model.load_state_dict(weights, strict=True)
    return model.eval(), metadata["vocabulary"]


def main():
    model, vocabulary = load(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        text = file.read()
    ids = torch.tensor([vocabulary.index(symbol) for symbol in text]).unsqueeze(1)
    with torch.no_grad():
        logits = model(ids)[:, 0]
    loss = nn.functional.cross_entropy(logits[:-1], ids[1:, 0]).item()
    print(json.dumps({"nats": loss, "characters": len(ids) - 1, "next": vocabulary[int(logits[-1].argmax())]}))


if __name__ == "__main__":
    main()
