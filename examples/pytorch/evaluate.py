"""The mean loss of a checkpoint of Unroll over a text, in nats per character, and how probable each character was.

    python evaluate.py MODEL.safetensors TEXT.txt [--module cell.py] [--losses FILE.csv]

Prints one JSON object, with the loss that `unroll eval --json` gives for a text of up to 1024 characters (a longer one is
read by Unroll in streams side by side). --module: what `unroll export --pytorch` wrote, for cells that PyTorch has not.
"""
import argparse
import json

import torch
from torch.nn import functional as F

from unroll_torch import Checkpoint


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("text")
    parser.add_argument("--module")
    parser.add_argument("--losses", help="a table of the loss of each character")
    options = parser.parse_args()
    checkpoint = Checkpoint(options.model, options.module)
    with open(options.text, encoding="utf-8", newline="") as file:
        ids = checkpoint.ids(file.read()).unsqueeze(1)
    checkpoint.model.eval()
    with torch.no_grad():
        logits = checkpoint.model(ids)[0][:, 0]
    losses = F.cross_entropy(logits[:-1], ids[1:, 0], reduction="none")
    if options.losses:
        with open(options.losses, "w", encoding="utf-8") as file:
            file.writelines(f"{loss:.9g}\n" for loss in losses.tolist())
    print(json.dumps({"nats": losses.double().mean().item(), "characters": len(losses)}))


if __name__ == "__main__":
    main()
