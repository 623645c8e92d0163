#!/usr/bin/env python3
"""Times a training step of SASRec in PyTorch on the CPU, the peer of `unitok bench recommend --only sasrec`.

The network is that of src/recommend/models/sequential at the reduced size, with the loss over all items. Sequences are
made up. Prints one line of JSON.

    python sasrec.py --threads 2
"""
import argparse
import math

from timing import set_threads

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seconds", type=float, default=10.0)
args = parser.parse_args()
set_threads(args.threads)

import torch
from torch import nn
from torch.nn import functional as F

from sequences import ITEMS, made_up, optimizer, time_steps, windows

torch.set_num_threads(args.threads)
torch.manual_seed(1)
# As SasRecOptions: `length` items are read, and half of all values and attention weights are dropped.
SHAPE = dict(width=64, layers=2, heads=2, inner=256, length=50, dropout=0.5)
BATCH, RATE = 1024, 1e-3


class Layer(nn.Module):
    """Attention and a feed-forward network, each with a normalisation after its shortcut, as BERT has them."""

    def __init__(self, width, heads, inner, dropout):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x):
        batch, rows, width = x.shape
        q, k, v = self.qkv(x).view(batch, rows, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout, is_causal=True)
        x = self.norm_1(x + F.dropout(self.out(y.transpose(1, 2).reshape(batch, rows, width)), self.dropout))
        return self.norm_2(x + F.dropout(self.down(F.gelu(self.up(x))), self.dropout))


class SasRec(nn.Module):
    def __init__(self, width, layers, heads, inner, length, dropout):
        super().__init__()
        self.scale, self.dropout = math.sqrt(width), dropout
        self.items, self.positions = nn.Embedding(ITEMS, width), nn.Embedding(length, width)
        self.norm = nn.LayerNorm(width)
        self.layers = nn.ModuleList(Layer(width, heads, inner, dropout) for _ in range(layers))
        for name, values in self.named_parameters():
            if values.dim() > 1:
                nn.init.normal_(values, std=0.02)
            elif "norm" not in name:
                nn.init.zeros_(values)

    def loss(self, items, lengths, first_learned):
        """Mean over learned items of their log-loss, over windows `items [batch][length]` padded behind."""
        read, following = items[:, :-1], items[:, 1:]
        x = self.items(read) * self.scale + self.positions.weight[: read.shape[1]]
        x = F.dropout(self.norm(x), self.dropout)
        for layer in self.layers:
            x = layer(x)
        place = torch.arange(1, items.shape[1])[None]
        learned = (place < lengths[:, None]) & (place >= first_learned[:, None])
        return F.cross_entropy(x[learned] @ self.items.weight.t(), following[learned])


# The first item of a window has nothing before it to be predicted from.
pieces = [(items, max(first, 1)) for items, first in windows(made_up()[1], SHAPE["length"]) if len(items) > 1]
model = SasRec(**SHAPE)
time_steps(model, optimizer(model, RATE, decay=0.0), pieces, BATCH, args.seconds)
