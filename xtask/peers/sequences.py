"""Shared by the recommenders that learn from sequences: pieces of bounded length, batches, and the race of training steps.

Import it after `set_threads`.
"""
import torch
from torch import nn

from timing import measure, report

# As in src/bench/recommend.rs: items, users, values of each token, and the steps of a run, about.
ITEMS, USERS, CODES, STEPS = 2420, 4900, (256, 256, 256, 256, 6), 8


def windows(users, history):
    """Pieces in which every training item is learned once, a later one with half a history before it."""
    pieces = []
    for items in users:
        nxt = 0
        while nxt < len(items):
            start = nxt - history // 2 if nxt else 0
            end = min(start + history + 1, len(items))
            pieces.append((items[start:end], nxt - start))
            nxt = end
    return pieces


def batches(pieces, size, device="cpu"):
    """Batches of about `size` items, in a random order. A last one of less than a third is left out."""
    return cut([pieces[i] for i in torch.randperm(len(pieces)).tolist()], size, device)


def cut(pieces, size, device="cpu"):
    batch, count = [], 0
    for piece in pieces:
        batch.append(piece)
        count += len(piece[0])
        if count >= size:
            yield padded(batch, device)
            batch, count = [], 0
    if 3 * count >= size:
        yield padded(batch, device)


def padded(batch, device="cpu"):
    """Items `[batch][longest]` padded behind, their numbers, and of each row the first that is learned."""
    lengths = torch.tensor([len(items) for items, _ in batch])
    rows = torch.zeros(len(batch), int(lengths.max()), dtype=torch.long)
    for row, (items, _) in zip(rows, batch):
        row[: len(items)] = torch.tensor(items)
    return rows.to(device), lengths.to(device), torch.tensor([first for _, first in batch]).to(device)


def made_up():
    """Codewords of all items, and items of all users: uniform, in sequences of 12 and more, a few up to 42."""
    draw = torch.Generator().manual_seed(1)
    number = lambda n, top: torch.randint(top, (n,), generator=draw).tolist()
    rows = list(zip(*[number(ITEMS, codes) for codes in CODES]))
    users = [number(3 + int(9 * torch.rand(1, generator=draw) ** -0.4) % 40, ITEMS) for _ in range(USERS)]
    return rows, users


def optimizer(model, rate, decay):
    """AdamW with the constants of FitOptions; only the weights of linear layers decay."""
    linear = [layer.weight for layer in model.modules() if isinstance(layer, nn.Linear)]
    others = [p for p in model.parameters() if not any(p is q for q in linear)]
    groups = [{"params": linear, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=True)


def time_steps(model, adam, pieces, size, seconds):
    """Times steps with a few batches in turn, as `unitok bench recommend` does; items are those that are learned.

    Pieces of all lengths take part, and those of a batch are alike: hardly anything is padded.
    """
    ordered = sorted(pieces, key=lambda piece: len(piece[0]))
    every = sum(len(items) for items, _ in pieces) // (STEPS * size)
    steps = list(cut(ordered[::every], size))
    items = sum(int((lengths - first).sum()) for _, lengths, first in steps)
    losses = []

    def run():
        total = 0.0
        for batch in steps:
            loss = model.loss(*batch)
            adam.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            adam.step()
            total += loss.item()
        losses.append(total / len(steps))

    rates = measure(run, items, seconds)
    report(version=torch.__version__, steps=len(steps), loss=[losses[0], losses[-1]], **rates)
