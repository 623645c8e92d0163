#!/usr/bin/env python3
"""Times a peer of the tokenizer's encoder: affine layers with ReLU after each but the last.

  mlp.py --only ort|torch|torch_compiled --data layers.npz --threads 1 --seconds 10 [--n 20000]

`layers.npz` has w0, b0, w1, b1, … (w: [outputs, inputs], f32) and the inputs x [items, inputs]; `--make` first writes one of
the benchmark's shape. Of several batch sizes the fastest counts. Prints one line of JSON.
"""
import argparse, functools, json, time

from timing import cpu_seconds, set_threads

parser = argparse.ArgumentParser()
parser.add_argument("--only", required=True, choices=["ort", "torch", "torch_compiled"])
parser.add_argument("--device", default="cpu", help="for torch: cpu or cuda")
parser.add_argument("--data", required=True)
parser.add_argument("--make", action="store_true")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seconds", type=float, default=10.0, help="for all batch sizes together")
parser.add_argument("--n", type=int, default=20_000)
parser.add_argument("--batches", type=int, nargs="+", default=[128, 256, 1024, 8192])
args = parser.parse_args()
set_threads(args.threads)

import numpy as np


def make():
    widths, random = [768, 512, 256, 128, 64, 32], np.random.default_rng(1)
    arrays = {"x": random.standard_normal((args.n, widths[0]), dtype=np.float32)}
    for k, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        arrays[f"w{k}"] = (random.standard_normal((outputs, inputs)) * np.sqrt(2 / inputs)).astype(np.float32)
        arrays[f"b{k}"] = (0.01 * random.standard_normal(outputs)).astype(np.float32)
    np.savez(args.data, **arrays)


def ort(layers):
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper
    nodes, constants, name = [], [], "x"
    for k, (w, b) in enumerate(layers):
        constants += [numpy_helper.from_array(w, f"w{k}"), numpy_helper.from_array(b, f"b{k}")]
        nodes.append(helper.make_node("Gemm", [name, f"w{k}", f"b{k}"], [f"h{k}"], transB=1))
        name = f"h{k}"
        if k + 1 < len(layers):
            nodes.append(helper.make_node("Relu", [name], [f"r{k}"]))
            name = f"r{k}"
    shapes = [("x", layers[0][0].shape[1]), (name, layers[-1][0].shape[0])]
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, ["items", width]) for n, width in shapes)
    model = helper.make_model(helper.make_graph(nodes, "mlp", [x], [y], constants), opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 10
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = args.threads, 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"x": x})[0]


def torch(layers, compiled=False):
    import torch
    torch.set_num_threads(args.threads)
    layers = [tuple(torch.from_numpy(part).to(args.device) for part in layer) for layer in layers]

    def forward(h):
        for k, (w, b) in enumerate(layers):
            h = torch.nn.functional.linear(h, w, b)
            h = torch.relu(h) if k + 1 < len(layers) else h
        return h
    forward = torch.compile(forward, dynamic=True) if compiled else forward

    @torch.inference_mode()
    def run(x):
        return forward(torch.from_numpy(x).to(args.device)).cpu().numpy()
    return run


if args.make:
    make()
data = np.load(args.data)
layers = [(data[f"w{k}"], data[f"b{k}"]) for k in range(sum(name.startswith("w") for name in data.files))]
x = data["x"][:args.n]
run = {"ort": ort, "torch": torch, "torch_compiled": functools.partial(torch, compiled=True)}[args.only](layers)
exact = x[:500].astype(np.float64)
for k, (w, b) in enumerate(layers):
    exact = exact @ w.T.astype(np.float64) + b
    exact = np.maximum(exact, 0) if k + 1 < len(layers) else exact
best = None
for batch in args.batches:
    step = lambda: [run(x[i:i + batch]) for i in range(0, len(x), batch)]
    step()
    walls, cpus, end = [], [], time.perf_counter() + args.seconds / len(args.batches)
    while not walls or time.perf_counter() < end:
        cpu, start = cpu_seconds(), time.perf_counter()
        step()
        walls.append(time.perf_counter() - start)
        cpus.append(cpu_seconds() - cpu)
    rates = (len(x) / float(np.median(walls)), len(x) / float(np.median(cpus)), batch, len(walls))
    best = max(best, rates) if best else rates
print(json.dumps(dict(name=args.only, threads=args.threads, items=len(x), items_per_second=best[0], items_per_cpu_second=best[1],
                      batch=best[2], runs=best[3], largest_error=float(np.abs(run(x[:500]) - exact).max()))))
