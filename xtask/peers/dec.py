#!/usr/bin/env python3
"""The decoder-only recommender of src/recommend/models/generative/dec.rs in PyTorch.

On a CPU it is the peer whose training step `--race` times. On a GPU it trains at full width what takes a CPU hours
(compare-gpu.sh). It reads an index and interactions as `unitok recommend evaluate` does, and prints one line of JSON with
the same metrics: by item, with the expected rank in buckets, and by codeword.

    python dec.py --index index.json --sequences sequences.txt --seed 1
    python dec.py --race --threads 2
"""
import argparse
import json
import math
import time

from timing import set_threads

parser = argparse.ArgumentParser()
parser.add_argument("--index", help="an index file, or `itemid`")
parser.add_argument("--sequences", help="lines of a user and its items in time order, separated by blanks")
parser.add_argument("--size", choices=["reduced", "full"], default="full")
parser.add_argument("--epochs", type=int)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--limit", type=float, default=1e9, help="seconds of training at most")
parser.add_argument("--race", action="store_true", help="time steps on made-up sequences instead")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seconds", type=float, default=10.0)
args = parser.parse_args()
set_threads(args.threads)

import torch
from torch import nn
from torch.nn import functional as F

from sequences import batches, made_up, optimizer, padded, time_steps, windows

torch.set_num_threads(args.threads)
torch.manual_seed(args.seed)
DEVICE = torch.device("cuda" if torch.cuda.is_available() and not args.race else "cpu")
HISTORY, BEAMS, DECAY, MASKED = 20, 20, 0.05, -1e9
# As DecOptions: the items of a batch, the largest learning rate, the epochs.
SHAPES = {
    "reduced": dict(width=64, layers=2, heads=4, inner=256, batch=320, rate=2e-3, epochs=12),
    "full": dict(width=128, layers=4, heads=4, inner=512, batch=2048, rate=1e-3, epochs=60),
}


class Codewords:
    """Tokens numbered by position, and the trie as tables of children."""

    def __init__(self, rows):
        self.levels = len(rows[0])
        columns = [sorted({row[p] for row in rows}) for p in range(self.levels)]
        numbers = [{token: i for i, token in enumerate(column)} for column in columns]
        self.starts = [sum(map(len, columns[:p])) for p in range(self.levels + 1)]
        self.sizes = [len(column) for column in columns]
        codes = torch.tensor([[numbers[p][row[p]] for p in range(self.levels)] for row in rows])
        node, self.children, self.nodes = torch.zeros(len(rows), dtype=torch.long), [], []
        count = 1
        for p in range(self.levels):
            unique, after = torch.unique(node * self.sizes[p] + codes[:, p], return_inverse=True)
            table = torch.full((count, self.sizes[p]), -1, dtype=torch.long)
            table[unique // self.sizes[p], unique % self.sizes[p]] = torch.arange(len(unique))
            self.children.append(table.to(DEVICE))
            self.nodes.append(node.to(DEVICE))
            node, count = after, len(unique)
        self.codes, self.leaf = codes.to(DEVICE), node.to(DEVICE)
        self.bucket = torch.bincount(node, minlength=count).to(DEVICE)
        self.tokens = self.codes + torch.tensor(self.starts[:-1], device=DEVICE)
        self.vocabulary = self.starts[-1]


class Layer(nn.Module):
    def __init__(self, width, heads, inner, layers):
        super().__init__()
        self.heads = heads
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)
        for linear in (self.qkv, self.out, self.up, self.down):
            last = 2 * layers if linear in (self.out, self.down) else 1
            nn.init.normal_(linear.weight, std=(linear.in_features * last) ** -0.5)
        nn.init.zeros_(self.up.bias)
        nn.init.zeros_(self.down.bias)

    def forward(self, x, turns, mask, before=None):
        """Rows `x [batch][rows][width]`; `before` has keys and values of earlier rows."""
        batch, rows, width = x.shape
        qkv = self.qkv(self.norm_1(x)).view(batch, rows, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        q, k, v = turned(qkv[0], turns), turned(qkv[1], turns), qkv[2]
        kept = (k, v)
        if before is not None:
            k, v = torch.cat([before[0], k], 2), torch.cat([before[1], v], 2)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + F.dropout(self.out(y.transpose(1, 2).reshape(batch, rows, width)), 0.2, self.training)
        hidden = F.dropout(F.gelu(self.up(self.norm_2(x))), 0.2, self.training)
        return x + F.dropout(self.down(hidden), 0.2, self.training), kept


def turned(x, turns):
    a, b = x.chunk(2, -1)
    cos, sin = turns
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Dec(nn.Module):
    def __init__(self, codewords, width, layers, heads, inner, **_):
        super().__init__()
        self.c, self.width, self.half = codewords, width, width // heads // 2
        self.embedding = nn.Parameter(0.02 * torch.randn(codewords.vocabulary + 1, width))
        self.level = nn.Parameter(0.2 * torch.randn(codewords.levels, width))
        self.bias = nn.Parameter(torch.zeros(codewords.vocabulary))
        self.layers = nn.ModuleList(Layer(width, heads, inner, layers) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def turns(self, positions):
        pace = 10000.0 ** (-torch.arange(self.half, device=DEVICE) / self.half)
        angle = positions[..., None] * pace
        return angle.cos()[:, None], angle.sin()[:, None]

    def embed(self, tokens, level):
        x = self.embedding[tokens] * math.sqrt(self.width) + self.level[level]
        return F.dropout(x, 0.2, self.training)

    def logits(self, hidden, position):
        rows = slice(self.c.starts[position], self.c.starts[position + 1])
        return hidden.float() @ self.embedding[rows].float().t() + self.bias[rows].float()

    def loss(self, items, lengths, first_learned):
        """Mean over items of their log-loss, over windows `items [batch][length]` padded behind."""
        batch, length = items.shape
        levels = self.c.levels
        tokens = self.c.tokens[items].view(batch, -1)
        before = F.pad(tokens[:, :-1], (1, 0), value=self.c.vocabulary)
        at = torch.arange(length * levels, device=DEVICE)
        mask = torch.ones(len(at), len(at), dtype=torch.bool, device=DEVICE).tril()
        x, turns = self.embed(before, at % levels), self.turns(at[None])
        for layer in self.layers:
            x, _ = layer(x, turns, mask)
        hidden = self.norm(x).view(batch, length, levels, -1)
        place = torch.arange(length, device=DEVICE)[None]
        learned = (place < lengths[:, None]) & (place >= first_learned[:, None])
        target, total = items[learned], 0.0
        for p in range(levels):
            allowed = self.c.children[p][self.c.nodes[p][target]] >= 0
            some = allowed.sum(1) > 1  # without an alternative there is nothing to learn
            logits = self.logits(hidden[:, :, p][learned][some], p).masked_fill(~allowed[some], MASKED)
            total = total + F.cross_entropy(logits, self.c.codes[target[some], p], reduction="sum")
        return total / max(1, len(target))

    @torch.no_grad()
    def search(self, history, lengths):
        """Leaves `[batch][beams]`, best first; -1 where there are fewer."""
        batch, length = history.shape
        levels = self.c.levels
        tokens = F.pad(self.c.tokens[history].view(batch, -1), (1, 0), value=self.c.vocabulary)
        at = torch.arange(tokens.shape[1], device=DEVICE)
        causal = torch.ones(len(at), len(at), dtype=torch.bool, device=DEVICE).tril()
        x, turns, kept = self.embed(tokens, at % levels), self.turns(at[None]), []
        for layer in self.layers:
            x, keys = layer(x, turns, causal)
            kept.append(keys)
        last = lengths * levels
        hidden = self.norm(x[torch.arange(batch, device=DEVICE), last])[:, None]
        seen = (at[None] <= last[:, None])[:, None]
        node = torch.zeros(batch, 1, dtype=torch.long, device=DEVICE)
        score, own = torch.zeros(batch, 1, device=DEVICE), [None] * len(self.layers)
        for p in range(levels):
            children = self.c.children[p][node]
            logs = self.logits(hidden, p).masked_fill(children < 0, MASKED).log_softmax(-1)
            grown = (score[..., None] + logs).masked_fill(children < 0, -math.inf).view(batch, -1)
            score, chosen = grown.topk(min(BEAMS, grown.shape[1]), 1)
            node = children.view(batch, -1).gather(1, chosen).clamp(min=0)
            if p + 1 < levels:
                size = self.c.sizes[p]
                hidden = self.extend(kept, own, chosen // size, chosen % size + self.c.starts[p], p, last, seen)
        return torch.where(score.isfinite(), node, -1)

    def extend(self, kept, own, parent, token, p, last, seen):
        """Reads a token for each beam; keys and values of a history are shared by its beams."""
        batch, beams = token.shape
        x = self.embed(token, torch.tensor(p + 1, device=DEVICE)).view(batch * beams, 1, -1)
        position = (last + p + 1).repeat_interleave(beams)[:, None]
        mask = F.pad(seen, (0, p + 1), value=True).repeat_interleave(beams, 0)[:, None]
        for i, layer in enumerate(self.layers):
            shared = [t.repeat_interleave(beams, 0) for t in kept[i]]
            if own[i] is not None:
                row = (parent + torch.arange(batch, device=DEVICE)[:, None] * own[i][0].shape[0] // batch).view(-1)
                own[i] = tuple(t[row] for t in own[i])
                shared = [torch.cat([a, b], 2) for a, b in zip(shared, own[i])]
            x, keys = layer(x, self.turns(position), mask, shared)
            own[i] = keys if own[i] is None else tuple(torch.cat([a, b], 2) for a, b in zip(own[i], keys))
        return self.norm(x).view(batch, beams, -1)


def evaluate(model, queries):
    model.eval()
    gains, order = [None] * len(queries), sorted(range(len(queries)), key=lambda i: len(queries[i][0]))
    size = 512 if DEVICE.type == "cuda" else 64
    for start in range(0, len(order), size):
        chunk = order[start : start + size]
        history, lengths, _ = padded([(queries[i][0][-HISTORY:], 0) for i in chunk], DEVICE)
        with torch.autocast(DEVICE.type, torch.bfloat16, enabled=DEVICE.type == "cuda"):
            found = model.search(history, lengths).tolist()
        for i, leaves in zip(chunk, found):
            gains[i] = gain(model.c, leaves, queries[i][1])
    model.train()
    mean = lambda k: sum(g[k] for g in gains) / len(gains)
    names = ["recall_at_5", "ndcg_at_5", "recall_at_10", "ndcg_at_10"]
    return {part: {name: mean(4 * j + i) for i, name in enumerate(names)} for j, part in enumerate(["by_item", "by_code"])}


def gain(codewords, leaves, target):
    """Recall and NDCG at 5 and 10 by items, then by codewords. All orders of a bucket are equally likely."""
    ahead, leaf = 0, int(codewords.leaf[target])
    for rank, found in enumerate(leaves):
        if found < 0:
            break
        size = int(codewords.bucket[found])
        if found == leaf:
            items, codes = [], []
            for m in (5, 10):
                inside = max(0, min(size, m - ahead))
                discount = sum(1 / math.log2(place + 1) for place in range(ahead + 1, ahead + inside + 1))
                items += [inside / size, discount / size]
                codes += [float(rank < m), 1 / math.log2(rank + 2) if rank < m else 0.0]
            return items + codes
        ahead += size
    return [0.0] * 8


def train(model, pieces, validation, shape):
    adam = optimizer(model, shape["rate"], DECAY)
    epochs, total = args.epochs or shape["epochs"], None
    best, waited, step, started = (-1.0, None, 0), 0, 0, time.time()
    for epoch in range(epochs):
        done = 0
        for batch in batches(pieces, shape["batch"], DEVICE):
            total = total or epochs * max(1, sum(len(items) for items, _ in pieces) // shape["batch"])
            progress = min(1.0, max(step / total, (time.time() - started) / args.limit))
            scale = min(1.0, (step + 1) / max(1.0, 0.03 * total)) * (0.02 + 0.49 * (1 + math.cos(math.pi * progress)))
            for group in adam.param_groups:
                group["lr"] = shape["rate"] * scale
            with torch.autocast(DEVICE.type, torch.bfloat16, enabled=DEVICE.type == "cuda"):
                loss = model.loss(*batch)
            adam.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            adam.step()
            step, done = step + 1, done + 1
        over = epoch + 1 == epochs or time.time() - started > args.limit
        if (epoch + 1) % 2 == 0 or over:
            score = evaluate(model, validation)["by_item"]["ndcg_at_10"]
            if not math.isfinite(loss.item()):
                raise SystemExit(f"the loss is {loss.item()} at step {step}")
            waited = 0 if score > best[0] else waited + 1
            if score > best[0]:
                best = (score, {k: v.clone() for k, v in model.state_dict().items()}, epoch + 1)
        if over or waited == 4:
            break
    model.load_state_dict(best[1])
    return best[0], best[2], epoch + 1, time.time() - started


def main():
    sequences = [line.split()[1:] for line in open(args.sequences, encoding="utf-8")]
    sequences = [items for items in sequences if len(items) >= 5]
    if args.index == "itemid":
        index = {item: [item] for item in sorted({item for items in sequences for item in items})}
    else:
        index = json.load(open(args.index, encoding="utf-8"))
    number = {item: i for i, item in enumerate(index)}
    users = [[number[item] for item in items if item in number] for items in sequences]
    codewords = Codewords(list(index.values()))
    shape = SHAPES[args.size]
    model = Dec(codewords, **shape).to(DEVICE)
    chosen = torch.randperm(len(users), generator=torch.Generator().manual_seed(0))[:5000].tolist()
    validation = [(users[i][:-2], users[i][-2]) for i in chosen]
    score, best, epochs, seconds = train(model, windows([items[:-2] for items in users], HISTORY), validation, shape)
    result = evaluate(model, [(items[:-1], items[-1]) for items in users])
    device = torch.cuda.get_device_name() if DEVICE.type == "cuda" else "cpu"
    print(json.dumps({"seed": args.seed, "size": args.size, **result, "validation_ndcg_at_10": score, "best_epoch": best, "epochs": epochs, "seconds": round(seconds, 1), "device": device}))


if args.race:
    shape, (rows, users) = SHAPES["reduced"], made_up()
    model = Dec(Codewords(rows), **shape)
    time_steps(model, optimizer(model, shape["rate"], DECAY), windows(users, HISTORY), shape["batch"], args.seconds)
else:
    main()
