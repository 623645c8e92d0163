"""Times peers of the whole tokenizer, embeddings to codes. On the CPU, ONNX Runtime runs encoder and router on scaled rows, and
one of several quantizers does the rest; the fastest combination is UniTok's bar. On a GPU, PyTorch runs all of it.

  end_to_end.py --prep --data rows.npz --model MODEL
  end_to_end.py --only ort_numpy --data rows.npz --model MODEL --threads 2
"""

import argparse
import json
import pathlib

from timing import measure, report, set_threads

parser = argparse.ArgumentParser()
parser.add_argument("--prep", action="store_true")
parser.add_argument("--only", choices=["ort_numpy", "ort_torch", "ort_faiss", "ort_faiss_flat", "torch", "torch_compiled"])
parser.add_argument("--device", default="cpu", help="for torch: cpu or cuda")
parser.add_argument("--model", type=pathlib.Path, required=True, help="folder of a UniTok model")
parser.add_argument("--data", required=True)
parser.add_argument("--items", type=int, default=50_000)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seconds", type=float, default=2)
args = parser.parse_args()
set_threads(args.threads)

import numpy as np  # noqa: E402  after the threads are set
from safetensors.numpy import load_file  # noqa: E402

import quantizers  # noqa: E402

CONFIG = json.loads((args.model / "config.json").read_text())["model"]
assert CONFIG["top_n"] == 1 and CONFIG["shared"], "written for one routed expert and a shared one"
BATCH = 1024


def prepare():
    """Writes clustered rows of the model's input width."""
    random = np.random.default_rng(0)
    centres = random.standard_normal((64, CONFIG["input"]))
    x = centres[random.integers(0, len(centres), args.items)] + 0.7 * random.standard_normal((args.items, CONFIG["input"]))
    np.savez(args.data, x=x.astype(np.float32))
    # The page gets fewer, because it is slower.
    np.save(pathlib.Path(args.data).with_suffix(".npy"), x[:20_000].astype(np.float32))


def encoder(tensors):
    """A function from scaled rows to latents and router logits."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    nodes, constants, name = [], [], "x"

    def gemm(layer, into):
        constants.extend(numpy_helper.from_array(tensors[f"{layer}.{part}"], f"{layer}.{part}") for part in ("weight", "bias"))
        nodes.append(helper.make_node("Gemm", [name, f"{layer}.weight", f"{layer}.bias"], [into], transB=1))

    depth = len(CONFIG["hidden"]) + 1
    for k in range(depth):
        gemm(f"encoder.{k}", f"h{k}" if k + 1 < depth else "z")
        name = "z"
        if k + 1 < depth:
            nodes.append(helper.make_node("Relu", [f"h{k}"], [f"r{k}"]))
            name = f"r{k}"
    gemm("router", "logits")
    widths = {"x": CONFIG["input"], "z": CONFIG["latent"], "logits": CONFIG["experts"]}
    value = {n: helper.make_tensor_value_info(n, TensorProto.FLOAT, ["items", w]) for n, w in widths.items()}
    graph = helper.make_graph(nodes, "encoder", [value["x"]], [value["z"], value["logits"]], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 10
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = args.threads, 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(["z", "logits"], {"x": x})


CONTENDERS = {
    "ort_numpy": quantizers.numpy_products,
    "ort_torch": quantizers.torch_by_hand,
    "ort_faiss": quantizers.faiss_residual,
    "ort_faiss_flat": quantizers.faiss_flat,
}


def tokenize(x, encode, experts, shared):
    """`[items][1 + 2 * levels]`: the expert, its codes and the shared expert's codes."""
    parts = []
    for start in range(0, len(x), BATCH):
        rows = x[start : start + BATCH]
        scale = np.sqrt(np.float32(rows.shape[1])) / np.linalg.norm(rows, axis=1, keepdims=True)
        z, logits = encode(rows * scale)
        chosen = logits.argmax(1)
        out = np.empty((len(rows), 1 + 2 * CONFIG["levels"]), np.int64)
        out[:, 0] = chosen
        for expert in np.unique(chosen):
            mine = np.flatnonzero(chosen == expert)
            out[mine, 1 : 1 + CONFIG["levels"]] = experts[expert](np.ascontiguousarray(z[mine]))
        out[:, 1 + CONFIG["levels"] :] = shared(z)
        parts.append(out)
    return np.concatenate(parts)


def torch_whole(tensors, compiled):
    """All of `tokenize` on a device. Only rows are copied there, and only codes back."""
    import torch

    torch.set_num_threads(args.threads)
    weights = {name: torch.from_numpy(tensor).to(args.device) for name, tensor in tensors.items()}
    depth, levels = len(CONFIG["hidden"]) + 1, CONFIG["levels"]

    def encode(x):
        x = x * (x.shape[1] ** 0.5 / torch.linalg.vector_norm(x, dim=1, keepdim=True))
        for k in range(depth):
            x = torch.nn.functional.linear(x, weights[f"encoder.{k}.weight"], weights[f"encoder.{k}.bias"])
            x = torch.relu(x) if k + 1 < depth else x
        return x, torch.nn.functional.linear(x, weights["router.weight"], weights["router.bias"]).argmax(1)

    encode = torch.compile(encode, dynamic=True) if compiled else encode
    chain = lambda books: quantizers.torch_chain(books, args.device, compiled)
    experts, shared = [chain(books) for books in tensors["experts.codebooks"]], chain(tensors["shared.codebooks"])

    def part(rows):
        z, chosen = encode(rows.to(args.device))
        out = torch.empty((len(rows), 1 + 2 * levels), dtype=torch.int64, device=args.device)
        out[:, 0], out[:, 1 + levels :] = chosen, shared(z)
        for expert, codes in enumerate(experts):
            mine = (chosen == expert).nonzero()[:, 0]
            if len(mine):
                out[mine, 1 : 1 + levels] = codes(z[mine])
        return out.cpu()

    @torch.inference_mode()
    def run(x):
        return torch.cat([part(rows) for rows in torch.from_numpy(x).split(BATCH if args.device == "cpu" else 1 << 15)]).numpy()

    return run


def exact(x, tensors):
    """What `tokenize` returns, computed from the definition in float64."""
    exact_weights = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
    h = x.astype(np.float64)
    h *= np.sqrt(h.shape[1]) / np.linalg.norm(h, axis=1, keepdims=True)
    depth = len(CONFIG["hidden"]) + 1
    for k in range(depth):
        h = h @ exact_weights[f"encoder.{k}.weight"].T + exact_weights[f"encoder.{k}.bias"]
        h = np.maximum(h, 0) if k + 1 < depth else h
    chosen = (h @ exact_weights["router.weight"].T + exact_weights["router.bias"]).argmax(1)
    rows = []
    for z, expert in zip(h, chosen):
        row = [expert]
        for books in (exact_weights["experts.codebooks"][expert], exact_weights["shared.codebooks"]):
            residual = z.copy()
            for book in books:
                row.append(((residual[None] - book) ** 2).sum(1).argmin())
                residual -= book[row[-1]]
        rows.append(row)
    return np.array(rows)


if args.prep:
    prepare()
else:
    tensors = {name: tensor.astype(np.float32) for name, tensor in load_file(args.model / "model.safetensors").items()}
    x = np.load(args.data)["x"][: args.items]
    if args.only.startswith("torch"):
        run = torch_whole(tensors, args.only == "torch_compiled")
    else:
        quantizer = CONTENDERS[args.only]
        experts = [quantizer(np.ascontiguousarray(books), args.threads) for books in tensors["experts.codebooks"]]
        encode, shared = encoder(tensors), quantizer(tensors["shared.codebooks"], args.threads)
        run = lambda rows: tokenize(rows, encode, experts, shared)  # noqa: E731
    agreement = float((run(x[:1000]) == exact(x[:1000], tensors)).all(1).mean())
    rates = measure(lambda: run(x), len(x), args.seconds)
    report(stage="tokenize", contender=args.only, threads=args.threads, agreement=agreement, **rates)
