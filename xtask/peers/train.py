#!/usr/bin/env python3
"""Times a joint training step of UniTok in PyTorch on the CPU, the peer of `unitok bench train`.

Model, losses and optimiser are those of src/train, written for speed: all experts in one batched product, the kernels of
all domains at once, the fused AdamW, and no Python loop over items. The data are random from a fixed seed, and clustered by
domain. Prints one line of JSON.

    python train.py --threads 2 --seconds 5 --config small --only eager
"""
import argparse
import json
import time

from timing import cpu_seconds, set_threads

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seconds", type=float, default=5.0)
parser.add_argument("--config", choices=["small", "paper"], default="small")
parser.add_argument("--only", choices=["eager", "compile"], default="eager")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--json", action="store_true", help="accepted for symmetry: the output is always JSON")
args = parser.parse_args()
set_threads(args.threads)

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(args.threads)
torch.manual_seed(args.seed)

# The same shapes as in `src/bench/train.rs`: `small` is the default of `unitok train`, `paper` has the paper's shapes.
SHAPES = {
    "small": dict(width=384, hidden=[512, 256, 128], latent=24, domains=6, group=170),
    "paper": dict(width=768, hidden=[2048, 1024, 512, 256, 128, 64], latent=32, domains=10, group=102),
}
LEVELS, CODES, COMMITMENT, LAMBDA_RQ, LAMBDA_MI, BETA = 4, 256, 0.25, 1.0, 10.0, 1.0


def mlp(widths):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        nn.init.xavier_uniform_(layers[-2].weight)
        nn.init.zeros_(layers[-2].bias)
    return nn.Sequential(*layers[:-1])


class UniTok(nn.Module):
    def __init__(self, width, hidden, latent, domains, group):
        super().__init__()
        widths = [width, *hidden, latent]
        self.encoder, self.decoder = mlp(widths), mlp(widths[::-1])
        self.router = nn.Linear(latent, domains)
        # A set of codebooks for each expert; the last is the shared expert's.
        self.codebooks = nn.Parameter(torch.zeros(domains + 1, LEVELS, CODES, latent))
        self.domains, self.group = domains, group

    @torch.no_grad()
    def initialise(self, x):
        """Takes codebooks from residuals of `x [domains][items][width]`, and routes to the nearest domain mean."""
        z = self.encoder(x)
        means = z.mean(1)
        self.router.weight.copy_(means)
        self.router.bias.copy_(-0.5 * means.square().sum(1))
        pools = torch.cat([z, z.flatten(0, 1)[torch.randperm(z.shape[0] * z.shape[1])[: z.shape[1]]][None]])
        for level in range(LEVELS):
            self.codebooks[:, level] = pools[:, torch.randperm(pools.shape[1])[:CODES]]
            codes = nearest(pools, self.codebooks[:, level])
            pools = pools - torch.stack([book[code] for book, code in zip(self.codebooks[:, level], codes)])

    @torch.no_grad()
    def search(self, z, expert):
        """Codes of the routed and the shared expert, `[2][levels][items]`."""
        # Items are sorted by expert and padded to the largest group, for one batched product over all experts.
        order = torch.argsort(expert)
        counts = torch.bincount(expert, minlength=self.domains)
        slot = torch.arange(len(z)) - (counts.cumsum(0) - counts)[expert[order]]
        at = expert[order] * int(counts.max()) + slot
        padded = z.new_zeros(self.domains * int(counts.max()), z.shape[1])
        padded[at] = z[order]
        routed = chain(padded.view(self.domains, -1, z.shape[1]), self.codebooks[:-1])
        codes = torch.empty(2, LEVELS, len(z), dtype=torch.long)
        codes[0][:, order] = routed.flatten(1)[:, at]
        codes[1] = chain(z[None], self.codebooks[-1:])[:, 0]
        return codes

    def forward(self, x):
        """The loss `L` of a batch `[items][width]` that is grouped by domain."""
        z = self.encoder(x)
        gates = F.softmax(self.router(z), 1)
        gate, expert = gates.max(1)
        codes = self.search(z, expert)
        quantizers = torch.stack([expert, torch.full_like(expert, self.domains)])
        rows = (quantizers[:, None] * LEVELS + torch.arange(LEVELS)[:, None]) * CODES + codes
        chosen = F.embedding(rows, self.codebooks.flatten(0, 2))  # [2][levels][items][latent]
        # residuals[:, l] = z − Σ_{m<l} sg[c_m]
        sums = chosen.detach().cumsum(1)
        residuals = z - sums + chosen.detach()
        rq = (residuals.detach() - chosen).square().sum() + COMMITMENT * (residuals - chosen.detach()).square().sum()
        outputs = z + (sums[:, -1] - z).detach()
        z_hat = gate[:, None] * outputs[0] + outputs[1]
        rec = (self.decoder(z_hat) - x).square().sum() / len(x)
        mi = self.information(x, z)
        return rec + LAMBDA_RQ * rq / len(x) + LAMBDA_MI * mi

    def information(self, x, z):
        """The loss `Var_k[I_k] − β mean_k[I_k]`, with I_k the normalised HSIC of domain k."""
        with torch.no_grad():
            u = centred(kernel(x.view(self.domains, self.group, -1)))
        v = centred(kernel(z.view(self.domains, self.group, -1)))
        inner = lambda a, b: (a * b).sum((1, 2))
        information = inner(u, v) / (inner(u, u) * inner(v, v)).sqrt()
        return information.var(unbiased=False) - BETA * information.mean()


def distances(a, b):
    """Squared distances `[groups][items][codes]`, each row without the squared norm of its `a`."""
    return torch.baddbmm(b.square().sum(2)[:, None], a, b.transpose(1, 2), alpha=-2)


def nearest(z, books):
    return distances(z, books).argmin(2)


def chain(residual, codebooks):
    """Greedy codes `[levels][groups][items]` of the latents `residual [groups][items][latent]`."""
    codes = []
    for level in range(LEVELS):
        books = codebooks[:, level]
        codes.append(nearest(residual, books))
        residual = residual - books.gather(1, codes[-1][..., None].expand(-1, -1, books.shape[2]))
    return torch.stack(codes)


def kernel(rows):
    """Gaussian kernels `[groups][n][n]`. Their width is the lower median of the squared distances, taken as a constant."""
    squares = rows.square().sum(2)
    squared_distances = torch.baddbmm(squares[:, None] + squares[:, :, None], rows, rows.transpose(1, 2), alpha=-2).clamp_min(0)
    i, j = PAIRS
    median = squared_distances.detach()[:, i, j].median(1).values
    return torch.exp(-squared_distances / median[:, None, None])


def centred(k):
    return k - k.mean(1, keepdim=True) - k.mean(2, keepdim=True) + k.mean((1, 2), keepdim=True)


def clustered(width, domains, items):
    """`[domains][items][width]`: 64 clusters around the centre of each domain, scaled to length √width."""
    centre = torch.randn(domains, 1, width)
    clusters = torch.randn(domains, 64, width)
    which = torch.randint(64, (domains, items))
    rows = 1.5 * centre + clusters[torch.arange(domains)[:, None], which] + 0.7 * torch.randn(domains, items, width)
    return F.normalize(rows, dim=2) * width**0.5


shape = SHAPES[args.config]
PAIRS = torch.tril_indices(shape["group"], shape["group"], -1)
data = clustered(shape["width"], shape["domains"], 2048)
model = UniTok(**shape)
model.initialise(data)
books = [p for n, p in model.named_parameters() if n == "codebooks"]
others = [p for n, p in model.named_parameters() if n != "codebooks"]
optimizer = torch.optim.AdamW(
    [dict(params=others, weight_decay=1e-4), dict(params=books, weight_decay=0.0)], lr=1e-3, fused=True
)
loss_of = torch.compile(model) if args.only == "compile" else model


def step():
    items = torch.randint(data.shape[1], (shape["domains"], shape["group"]))
    x = data[torch.arange(shape["domains"])[:, None], items].flatten(0, 1)
    optimizer.zero_grad(set_to_none=True)
    loss = loss_of(x)
    loss.backward()
    optimizer.step()
    return loss


first = step().item()
for _ in range(2):
    step()
start, cpu, times = time.perf_counter(), cpu_seconds(), []
while not times or time.perf_counter() - start < args.seconds:
    begin = time.perf_counter()
    last = step().item()
    times.append(time.perf_counter() - begin)
wall, cpu = time.perf_counter() - start, cpu_seconds() - cpu
batch = shape["domains"] * shape["group"]
print(
    json.dumps(
        dict(
            stage="train",
            contender="torch" if args.only == "eager" else "torch-compile",
            version=torch.__version__,
            config=args.config,
            threads=args.threads,
            batch=batch,
            steps=len(times),
            steps_per_second=len(times) / wall,
            items_per_second=batch * len(times) / wall,
            steps_per_cpu_second=len(times) / cpu,
            median_step_ms=1e3 * sorted(times)[len(times) // 2],
            loss=[first, last],
        )
    )
)
