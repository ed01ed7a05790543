#!/usr/bin/env python3
"""Writes cells.json: cells as PyTorch modules, made by `unroll export --pytorch`, and the losses that PyTorch 1.13 (Debian's
python3-torch) gets from them. Run it with the interpreter that has torch:

    /usr/bin/python3 tests/golden/make_cells.py build/native/unroll

Weights and text follow from formulas, which tests/engine/cell_pytorch_test.cpp has as well.
"""
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import torch

FOLDER = pathlib.Path(__file__).parent
VOCABULARY, HIDDEN, LAYERS = 5, 8, 2
OWN = {"coupled": """cell coupled  "A coupled peephole LSTM of one's own"  # "quotes", \\N{no name} and ''' in comments
state c, h
lambda = 1 - f                                   # how much is written
f = sigmoid(lin(x) + heads(2, lin(h[t-1])) + diag(c[t-1]))
g = tanh(norm(mat(x) + mat(h[t-1])) + bias)
c = f * c[t-1] + lambda * max(g, -0.9)
h = sigmoid(lin(x) - lin(f * c[t-1]) / 2) * sin(c)
"""}


def text():
    return "".join("abcde"[(t * t + t // 3) % VOCABULARY] for t in range(60))


def exported(unroll, cell):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "text.txt").write_text(text())
        if cell in OWN:
            (path / f"{cell}.cell").write_text(OWN[cell])
        run = lambda *words: subprocess.run([unroll, *map(str, words)], check=True, cwd=folder, stdout=subprocess.DEVNULL)
        run("train", "--text", "text.txt", "--cell", f"{cell}.cell" if cell in OWN else cell, "--hidden", HIDDEN,
            "--layers", LAYERS, "--seq-length", 8, "--batch", 1, "--valid", 0, "--steps", 1, "--out", "m.safetensors")
        run("export", "m.safetensors", "--pytorch", "m.py")
        return (path / "m.py").read_text()


def loss_of(module):
    space = {"__name__": "exported"}
    exec(module, space)
    model = space["Model"]()
    k = 0
    with torch.no_grad():
        for tensor in model.state_dict().values():
            values = [0.5 * math.sin(1.7 * (k + i) + 0.3) for i in range(tensor.numel())]
            tensor.copy_(torch.tensor(values).reshape(tensor.shape))
            k += tensor.numel()
        ids = torch.tensor(["abcde".index(c) for c in text()]).unsqueeze(1)
        logits = model(ids)[0][:, 0]
    return torch.nn.functional.cross_entropy(logits[:-1], ids[1:, 0]).item()


def main():
    cells = []
    for cell in ["lstm", "peephole", "mingru", "slstm", "mlstm", "coupled"]:
        module = exported(sys.argv[1], cell)
        cells.append({"cell": OWN.get(cell, cell), "loss": loss_of(module), "module": module.split("\n")})
    (FOLDER / "cells.json").write_text(json.dumps(cells, indent=0, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
