"""Goes on training a checkpoint of Unroll, and writes one that Unroll resumes.

    python train.py MODEL.safetensors --steps 500 --out NEW.safetensors
    torchrun --nproc_per_node 2 train.py MODEL.safetensors --steps 500 --out NEW.safetensors

The steps are those that Unroll would have done: the same batches of the same text from the same place, with the optimizer's
moments, the schedule and clipping of the file; the results differ by rounding alone (with dropout by its masks, too).

Under torchrun it is data-parallel (DistributedDataParallel over gloo, or NCCL where every process has a card): each process takes
its share of the batch's streams with their states, and gradients are averaged, which is the same step as on one.
"""
import argparse
import json
import os

import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F

from unroll_torch import Checkpoint, scheduled_rate


class Streams:
    """The batches that Unroll reads: `batch` contiguous streams through the training part of a text (engine/text/text.h)."""

    def __init__(self, ids, batch, seq_length):
        length = min(len(ids) - 1, seq_length)
        self.ids, self.length = ids, length
        self.batch = min((len(ids) - 1) // length, batch)
        self.stream = (len(ids) - 1) // self.batch
        self.per_epoch = self.stream // length

    def at(self, step, first, last):
        """Of streams first … last − 1: inputs and targets (time, batch), and whether an epoch begins, from zero states."""
        chunk = step % self.per_epoch
        starts = [b * self.stream + chunk * self.length for b in range(first, last)]
        inputs = torch.stack([self.ids[start : start + self.length] for start in starts], 1)
        targets = torch.stack([self.ids[start + 1 : start + self.length + 1] for start in starts], 1)
        return inputs, targets, chunk == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--steps", type=int, required=True, help="train up to this step, counted from the very start")
    parser.add_argument("--out", required=True)
    parser.add_argument("--text", help="the text it was trained on, where the file does not hold it")
    parser.add_argument("--module", help="what `unroll export --pytorch` wrote, for cells that PyTorch has not")
    options = parser.parse_args()

    parallel = "WORLD_SIZE" in os.environ
    rank, world = 0, 1
    device = torch.device("cpu")
    if parallel:
        local, cards = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        use_cards = cards >= int(os.environ["LOCAL_WORLD_SIZE"])
        dist.init_process_group("nccl" if use_cards else "gloo")
        rank, world = dist.get_rank(), dist.get_world_size()
        if use_cards:
            device = torch.device("cuda", local)

    checkpoint = Checkpoint(options.model, options.module)
    data, train = checkpoint.experiment["data"], checkpoint.train
    train["steps"] = options.steps  # a schedule ends there, as with unroll train --resume --steps
    text = data.get("text", "")
    if options.text:
        with open(options.text, encoding="utf-8", newline="") as file:
            text = file.read()
    if not text:
        raise SystemExit(f"{options.model}: holds no text, only the name {data.get('example', '')!r}: give it with --text")
    if sorted(set(text)) != list(checkpoint.vocabulary):
        raise SystemExit("the text has other characters than the model: give the text that it was trained on")
    if options.steps <= checkpoint.steps:
        raise SystemExit(f"{options.model}: has {checkpoint.steps} steps already; --steps counts from the very start")
    size = int(len(text) * (1.0 - data.get("valid", 0.1)))
    if len(text) - size < 2:
        size = len(text)
    streams = Streams(checkpoint.ids(text)[:size].to(device), train.get("batch", 16), train.get("seq_length", 64))
    if streams.batch % world:
        raise SystemExit(f"a batch of {streams.batch} streams cannot be divided among {world} processes: choose another number of them")
    share = streams.batch // world
    mine = slice(rank * share, (rank + 1) * share)

    model = checkpoint.model.to(device).train()
    optimizer = checkpoint.optimizer()
    for state in optimizer.state.values():
        for name, value in state.items():
            if name != "step":
                state[name] = value.to(device)
    trained = nn.parallel.DistributedDataParallel(model) if parallel else model
    states = {name: state[:, mine].to(device) for name, state in checkpoint.states.items()} or None
    for step in range(checkpoint.steps, options.steps):
        inputs, targets, restart = streams.at(step, mine.start, mine.stop)
        if restart:
            states = None
        optimizer.param_groups[0]["lr"] = scheduled_rate(train, checkpoint.full_rate, step)
        optimizer.zero_grad(set_to_none=True)
        logits, states = trained(inputs, states)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        loss.backward()
        if train.get("clip", 1.0) > 0:
            nn.utils.clip_grad_norm_(model.parameters(), train.get("clip", 1.0))
        optimizer.step()
        states = {name: state.detach() for name, state in states.items()}
        if parallel:
            loss = loss.detach()
            dist.all_reduce(loss)
            loss /= world

    if parallel:  # every process needs its own part of the states; the file has all
        for name, state in states.items():
            parts = [torch.empty_like(state) for _ in range(world)]
            dist.all_gather(parts, state.contiguous())
            states[name] = torch.cat(parts, 1)
    if rank == 0:
        checkpoint.save(options.out, optimizer, states, options.steps)
        print(json.dumps({"steps": options.steps, "loss": loss.item(), "processes": world}))
    if parallel:
        dist.barrier()
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
