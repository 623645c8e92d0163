"""Times peers of residual quantization: float32 vectors [n, 32], 4 levels of 256 codes, the same codebooks for all.

  rq.py --prep --data rq.npz                                 writes vectors, and codebooks that FAISS trains on them
  rq.py --only faiss_beam1 --data rq.npz --threads 1         times one contender, prints one line of JSON
"""

import argparse
import ctypes
import functools

from timing import measure, report, set_threads

parser = argparse.ArgumentParser()
parser.add_argument("--prep", action="store_true")
parser.add_argument("--only")
parser.add_argument("--data", required=True)
parser.add_argument("--library", help="for c_fused: the compiled rq_fused.c")
parser.add_argument("--items", type=int, default=100_000)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seconds", type=float, default=2)
parser.add_argument("--device", default="cpu", help="for torch_by_hand and torch_compiled: cpu or cuda")
args = parser.parse_args()
set_threads(args.threads)

import numpy as np  # noqa: E402  after the threads are set

import quantizers  # noqa: E402

WIDTH, LEVELS, CODES = 32, 4, 256


def prepare():
    """Writes clusters with a decaying spectrum, as an encoder's latents have, and codebooks trained on them."""
    import faiss

    random = np.random.default_rng(0)
    mixing = random.standard_normal((WIDTH, WIDTH)) * (0.85 ** np.arange(WIDTH))[None]
    centres = random.standard_normal((512, WIDTH))
    z = centres[random.integers(0, 512, args.items)] + 0.5 * random.standard_normal((args.items, WIDTH))
    x = np.ascontiguousarray((z @ mixing.T).astype(np.float32))
    x /= x.std()
    trained = faiss.ResidualQuantizer(WIDTH, LEVELS, 8)
    trained.train_type = faiss.ResidualQuantizer.Train_default
    trained.max_beam_size = 1
    trained.train(x[:30_000])
    codebooks = faiss.vector_to_array(trained.codebooks).reshape(LEVELS, CODES, WIDTH).astype(np.float32)
    np.savez(args.data, x=x, codebooks=codebooks)


def greedy(x, codebooks):
    """Greedy codes, computed from the definition in float64."""
    residual, codes = x.astype(np.float64), np.empty((len(x), LEVELS), np.int64)
    for level, codebook in enumerate(codebooks.astype(np.float64)):
        scores = (codebook**2).sum(1)[None] - 2 * residual @ codebook.T
        codes[:, level] = scores.argmin(1)
        residual -= codebook[codes[:, level]]
    return codes


def vector_quantize_pytorch(codebooks, threads):
    import torch
    from vector_quantize_pytorch import ResidualVQ

    torch.set_num_threads(threads)
    module = ResidualVQ(dim=WIDTH, num_quantizers=LEVELS, codebook_size=CODES, kmeans_init=False).eval()
    with torch.no_grad():
        for level in range(LEVELS):
            module.layers[level]._codebook.embed.copy_(torch.from_numpy(codebooks[level])[None])

    def run(x):
        with torch.inference_mode():
            parts = torch.from_numpy(x)[None].split(4096, 1)
            return torch.cat([module(part)[1][0] for part in parts]).numpy()

    return run


def c_fused(codebooks, threads):
    """A hand-written loop in C: residuals in registers, packed codebooks."""
    function = ctypes.CDLL(args.library).rq_encode
    floats, bytes_ = ctypes.POINTER(ctypes.c_float), ctypes.POINTER(ctypes.c_uint8)
    function.argtypes = [floats, ctypes.c_long, floats, bytes_, ctypes.c_int]

    def run(x):
        codes = np.empty((len(x), LEVELS), np.uint8)
        books = codebooks.ctypes.data_as(floats)
        function(x.ctypes.data_as(floats), len(x), books, codes.ctypes.data_as(bytes_), threads)
        return codes

    return run


CONTENDERS = {
    "faiss_beam1": quantizers.faiss_residual,
    "faiss_beam5_lut": functools.partial(quantizers.faiss_residual, beam=5, tables=True),
    "faiss_flat": quantizers.faiss_flat,
    "vector_quantize_pytorch": vector_quantize_pytorch,
    "torch_by_hand": functools.partial(quantizers.torch_by_hand, device=args.device),
    "torch_compiled": functools.partial(quantizers.torch_by_hand, device=args.device, compiled=True),
    "numpy_products": quantizers.numpy_products,
    "c_fused": c_fused,
}

if args.prep:
    prepare()
else:
    arrays = np.load(args.data)
    x, codebooks = np.ascontiguousarray(arrays["x"][: args.items]), np.ascontiguousarray(arrays["codebooks"])
    run = CONTENDERS[args.only](codebooks, args.threads)
    codes = run(x[:20_000]).astype(np.int64)
    agreement = float((codes == greedy(x[:20_000], codebooks)).all(1).mean())
    decoded = sum(codebooks[level][codes[:, level]] for level in range(LEVELS))
    rates = measure(lambda: run(x), len(x), args.seconds)
    mse = float(((decoded - x[: len(decoded)]) ** 2).mean())
    report(stage="rq", contender=args.only, threads=args.threads, agreement=agreement, mse=mse, **rates)
