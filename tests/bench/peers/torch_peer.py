"""Peer natively: PyTorch. One JSON object a line.

torch_peer.py about                      its version, the library of its matrix products, and whether that is a slow one
torch_peer.py train PASSES THREADS CASE  seconds of a training step of the cases whose name begins so
torch_peer.py sample PASSES              seconds of one character, LSTM with 256 units
torch_peer.py learn FILE                 losses of training on FILE's text, as every peer in `./run bench --learn`
torch_peer.py export FILE                the sampling model as ONNX, for onnxruntime-web

OPENBLAS_CORETYPE should name the processor where OpenBLAS does not know it. torch.set_num_threads binds neither OpenBLAS'
threads nor MKL's: whoever starts this sets OPENBLAS_NUM_THREADS and MKL_NUM_THREADS to THREADS as well.
"""
import ctypes
import json
import os
import re
import sys
import time

import torch
from torch import nn

V = 65
SIZES = {"S": (128, 1, 50, 1), "M": (128, 1, 64, 32), "L": (256, 1, 64, 32), "XL": (512, 2, 64, 32)}
CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class Network(nn.Module):
    """One-hot input, recurrent layers, linear output: the same model as Unroll's."""

    def __init__(self, cell, hidden, layers, vocabulary=V):
        super().__init__()
        self.vocabulary = vocabulary
        self.rnn = CELLS[cell](vocabulary, hidden, layers)
        self.decoder = nn.Linear(hidden, vocabulary)

    def forward(self, ids):
        one_hot = nn.functional.one_hot(ids, self.vocabulary).float()
        return self.decoder(self.rnn(one_hot)[0])


def trainer(network, rate=0.003):
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)

    def step(inputs, targets):
        optimizer.zero_grad()
        logits = network(inputs)
        loss = nn.functional.cross_entropy(logits.reshape(-1, network.vocabulary), targets.reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        return loss

    return step


def about():
    """The library is the one that is loaded, whatever PyTorch was built with: Debian's takes any BLAS of the system."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        loaded = sorted({line.split()[-1] for line in maps if re.search(r"/lib[a-z_0-9]*blas[^/]*\.so", line)})
    reference = False
    if torch.backends.mkl.is_available():
        blas = re.search(r".*(MKL|Math Kernel).*?Version ([0-9.]+)", torch.__config__.show())
        blas = f"MKL {blas[2]}" if blas else "MKL"
    elif loaded:
        library = ctypes.CDLL(loaded[0])
        if hasattr(library, "openblas_get_config"):
            library.openblas_get_config.restype = ctypes.c_char_p
            blas = " ".join(library.openblas_get_config().decode().split()[:2])
        else:  # the only other one that Debian's alternatives offer is ATLAS, by a name of its own
            reference = re.match(r"libblas\.so", os.path.basename(loaded[0])) is not None
            blas = f"{'reference BLAS' if reference else 'BLAS'}, {os.path.basename(os.path.realpath(loaded[0]))}"
    else:
        blas = "a BLAS of its own"
    print(json.dumps({"version": torch.__version__, "blas": blas, "reference": reference}))


def passes_of(body, passes, least=0.3):
    """Seconds of one call, for each pass of at least `least` seconds."""
    body()
    seconds = []
    for _ in range(passes):
        start, calls = time.perf_counter(), 0
        while calls == 0 or time.perf_counter() - start < least:
            body()
            calls += 1
        seconds.append((time.perf_counter() - start) / calls)
    return seconds


def train(passes, threads, wanted):
    torch.set_num_threads(threads)
    for size, (hidden, layers, length, batch) in SIZES.items():
        for cell in CELLS:
            name = f"train {size} {cell}"
            if not name.startswith(wanted):
                continue
            step = trainer(Network(cell, hidden, layers))
            ids = torch.randint(V, (length + 1, batch))
            seconds = passes_of(lambda: step(ids[:-1], ids[1:]), passes)
            print(json.dumps({"case": name, "passes": seconds}), flush=True)


def sample(passes):
    torch.set_num_threads(1)
    network = Network("lstm", 256, 1).eval()
    state, ids = None, torch.zeros(1, 1, dtype=torch.long)

    def write():
        nonlocal state, ids
        one_hot = nn.functional.one_hot(ids, V).float()
        output, state = network.rnn(one_hot, state)
        p = torch.softmax(network.decoder(output[0, 0]), 0)
        ids = torch.multinomial(p, 1).reshape(1, 1)

    with torch.no_grad():
        print(json.dumps({"case": "sample H 256 lstm", "passes": passes_of(write, passes)}))


def learn(path):
    torch.manual_seed(1)
    with open(path, encoding="utf-8") as file:
        job = json.load(file)
    shape = (job["B"], job["T"])
    inputs = torch.tensor(job["inputs"]).reshape(shape).T.contiguous()
    targets = torch.tensor(job["targets"]).reshape(shape).T.contiguous()
    step = trainer(Network(job["cell"], job["hidden"], 1, job["V"]), job["rate"])
    print(json.dumps({"losses": [float(step(inputs, targets)) for _ in range(job["steps"])]}))


class OneCharacter(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(V, 256)
        self.decoder = nn.Linear(256, V)

    def forward(self, x, h, c):
        output, (h_next, c_next) = self.rnn(x, (h, c))
        return torch.softmax(self.decoder(output[0, 0]), 0), h_next, c_next


def export(path):
    zeros = torch.zeros(1, 1, 256)
    torch.onnx.export(OneCharacter().eval(), (torch.zeros(1, 1, V), zeros, zeros), path,
                      input_names=["x", "h", "c"], output_names=["p", "h_next", "c_next"])


if __name__ == "__main__":
    torch.set_flush_denormal(True)
    command, arguments = sys.argv[1], sys.argv[2:]
    if command == "about":
        about()
    elif command == "train":
        train(int(arguments[0]), int(arguments[1]), arguments[2])
    elif command == "sample":
        sample(int(arguments[0]))
    elif command == "learn":
        learn(arguments[0])
    elif command == "export":
        export(arguments[0])
    else:
        sys.exit(__doc__)
