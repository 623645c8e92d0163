#!/usr/bin/env python3
"""Times a peer of the text encoder: texts (one per line) to embeddings of unit length, including tokenization.

  text.py TEXTS MODEL --only ort-f32|ort-int8|sentence-transformers[-compiled] --threads 1 --seconds 10 [--vectors OURS.f32]

MODEL is the folder of all-MiniLM-L6-v2 (`cargo xtask text-model`). Texts are sorted by length and cut into batches, which
are padded to their longest text; of several batch sizes the fastest counts. The ONNX graph is exported from plain operations,
and fused by ONNX Runtime's optimizer for BERT. Prints one line of JSON. Needs numpy, torch, onnx, onnxruntime, tokenizers and
sentence-transformers.
"""
import argparse, contextlib, json, os, pathlib, sys, tempfile, time

from timing import cpu_seconds, set_threads

parser = argparse.ArgumentParser()
parser.add_argument("texts")
parser.add_argument("model", type=pathlib.Path)
parser.add_argument("--only", choices=["ort-f32", "ort-int8", "sentence-transformers", "sentence-transformers-compiled"])
parser.add_argument("--device", default="cpu", help="for sentence-transformers: cpu or cuda")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seconds", type=float, default=10.0, help="for all batch sizes together")
parser.add_argument("--n", type=int, help="only the first N texts")
parser.add_argument("--batches", type=int, nargs="+", default=[32, 64, 128])
parser.add_argument("--vectors", help="little-endian f32 [texts][384] to compare the embeddings with")
parser.add_argument("--web", type=pathlib.Path, help="only write the model into this folder, in the form that transformers.js reads")
parser.add_argument("--graphs", help="folder that keeps the ONNX graphs for the next run")
args = parser.parse_args()
set_threads(args.threads)
os.environ["RAYON_NUM_THREADS"] = str(args.threads)
os.environ["TOKENIZERS_PARALLELISM"] = "true" if args.threads > 1 else "false"
os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import torch

torch.set_num_threads(args.threads)
HEADS, WIDTH = 12, 384


class Bert(torch.nn.Module):
    """The encoder without its pooler, in operations that export well."""

    def __init__(self, folder):
        super().__init__()
        from safetensors.torch import load_file
        config = json.loads((folder / "config.json").read_text())
        self.layers, self.epsilon = config["num_hidden_layers"], config["layer_norm_eps"]
        for name, value in load_file(folder / "model.safetensors").items():
            self.register_buffer(name.replace(".", "_"), value)

    def linear(self, x, name):
        return torch.nn.functional.linear(x, getattr(self, name + "_weight"), getattr(self, name + "_bias"))

    def norm(self, x, name):
        weight, bias = getattr(self, name + "_weight"), getattr(self, name + "_bias")
        return torch.nn.functional.layer_norm(x, (WIDTH,), weight, bias, self.epsilon)

    def forward(self, ids, mask):
        e = "embeddings_"
        positions = torch.cumsum(torch.ones_like(ids), 1) - 1
        embed = torch.nn.functional.embedding
        x = embed(ids, getattr(self, e + "word_embeddings_weight")) + embed(positions, getattr(self, e + "position_embeddings_weight"))
        x = self.norm(x + getattr(self, e + "token_type_embeddings_weight")[0], e + "LayerNorm")
        bias = (1.0 - mask.float()).unsqueeze(1).unsqueeze(2) * -1e4
        batch, length, _ = x.shape
        split = lambda t: t.view(batch, length, HEADS, WIDTH // HEADS).transpose(1, 2)
        for i in range(self.layers):
            p = f"encoder_layer_{i}_"
            q, k, v = (split(self.linear(x, f"{p}attention_self_{part}")) for part in ("query", "key", "value"))
            scores = torch.softmax(q @ k.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5 + bias, -1)
            context = (scores @ v).transpose(1, 2).reshape(batch, length, WIDTH)
            x = self.norm(self.linear(context, p + "attention_output_dense") + x, p + "attention_output_LayerNorm")
            inner = torch.nn.functional.gelu(self.linear(x, p + "intermediate_dense"))
            x = self.norm(self.linear(inner, p + "output_dense") + x, p + "output_LayerNorm")
        return x


def onnx_file(folder, int8):
    """Path of the optimised graph in `folder`, which is made, checked against torch and on request quantized if it is missing."""
    path = f"{folder}/int8.onnx" if int8 else f"{folder}/f32.onnx"
    if os.path.exists(path):
        return path
    import onnxruntime as ort
    from onnxruntime.transformers.optimizer import optimize_model
    model = Bert(args.model).eval()
    ids, mask = torch.randint(1000, 20000, (3, 9)), torch.ones(3, 9, dtype=torch.int64)
    plain, path = f"{folder}/plain.onnx", f"{folder}/f32.onnx"
    axes = {name: {0: "batch", 1: "length"} for name in ("ids", "mask", "hidden")}
    torch.onnx.export(model, (ids, mask), plain, opset_version=17, input_names=["ids", "mask"], output_names=["hidden"],
                      dynamic_axes=axes, dynamo=False)
    optimize_model(plain, model_type="bert", num_heads=HEADS, hidden_size=WIDTH, opt_level=0).save_model_to_file(path)
    ids, mask = torch.randint(1000, 20000, (5, 17)), torch.ones(5, 17, dtype=torch.int64)
    mask[2:, 11:] = 0
    found = ort.InferenceSession(path).run(None, {"ids": ids.numpy(), "mask": mask.numpy()})[0]
    with torch.inference_mode():
        error = np.abs((found - model(ids, mask).numpy()) * mask.numpy()[:, :, None]).max()
    assert error < 1e-4, f"the exported graph is off by {error}"
    if int8:
        from onnxruntime.quantization import QuantType, quantize_dynamic
        # The optimizer's own operations have no shape inference, so the type of their results is given: floats.
        quantize_dynamic(path, f"{folder}/int8.onnx", weight_type=QuantType.QInt8, extra_options={"DefaultTensorType": 1})
        path = f"{folder}/int8.onnx"
    return path


def write_for_web():
    """Writes the graphs with the names that transformers.js expects, and the tokenizer."""
    import onnx
    names = dict(ids="input_ids", mask="attention_mask", hidden="last_hidden_state")
    (args.web / "onnx").mkdir(parents=True, exist_ok=True)
    for int8, name in ((False, "model"), (True, "model_quantized")):
        graph = onnx.load(onnx_file(args.graphs, int8))
        for node in graph.graph.node:
            for values in (node.input, node.output):
                for i, value in enumerate(values):
                    values[i] = names.get(value, value)
        for value in [*graph.graph.input, *graph.graph.output]:
            value.name = names.get(value.name, value.name)
        onnx.save(graph, args.web / "onnx" / f"{name}.onnx")
    for name in ("config.json", "tokenizer.json"):
        (args.web / name).write_bytes((args.model / name).read_bytes())
    tokens = {f"{name}_token": f"[{name.upper()}]" for name in ("unk", "sep", "pad", "cls", "mask")}
    (args.web / "tokenizer_config.json").write_text(json.dumps(dict(tokenizer_class="BertTokenizer", model_max_length=128, **tokens)))


def ort_encoder(int8):
    import onnxruntime as ort
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(str(args.model / "tokenizer.json"))
    tokenizer.no_padding()
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = args.threads, 1
    with contextlib.nullcontext(args.graphs) if args.graphs else tempfile.TemporaryDirectory() as folder:
        session = ort.InferenceSession(onnx_file(folder, int8), options, providers=["CPUExecutionProvider"])

    def embed(texts, batch):
        tokens = [e.ids for e in tokenizer.encode_batch_fast(texts)]
        order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
        out = np.empty((len(texts), WIDTH), np.float32)
        for start in range(0, len(order), batch):
            rows = order[start:start + batch]
            ids = np.zeros((len(rows), max(len(tokens[i]) for i in rows)), np.int64)
            mask = np.zeros_like(ids)
            for row, i in enumerate(rows):
                ids[row, :len(tokens[i])], mask[row, :len(tokens[i])] = tokens[i], 1
            hidden = session.run(None, {"ids": ids, "mask": mask})[0]
            pooled = (mask[:, None, :].astype(np.float32) @ hidden)[:, 0]
            out[rows] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return out
    return embed


def sentence_transformer():
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
    # The folder has no tokenizer_config.json, so the model is saved again with one.
    with tempfile.TemporaryDirectory() as folder:
        BertModel.from_pretrained(args.model, config=BertConfig.from_json_file(args.model / "config.json")).save_pretrained(folder)
        names = dict(unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", mask_token="[MASK]")
        PreTrainedTokenizerFast(tokenizer_file=str(args.model / "tokenizer.json"), **names).save_pretrained(folder)
        body = Transformer(folder, max_seq_length=128)
        model = SentenceTransformer(modules=[body, Pooling(WIDTH, "mean"), Normalize()], device=args.device)
        if args.only.endswith("-compiled"):
            body.model = torch.compile(body.model, dynamic=True)
    return lambda texts, batch: model.encode(texts, batch_size=batch, show_progress_bar=False)


def main():
    if args.web:
        return write_for_web()
    texts = pathlib.Path(args.texts).read_text().splitlines()[:args.n]
    embed = sentence_transformer() if args.only.startswith("sentence-transformers") else ort_encoder(args.only == "ort-int8")
    best = None
    for batch in args.batches:
        vectors = embed(texts[:256], batch)
        walls, cpus, end = [], [], time.perf_counter() + args.seconds / len(args.batches)
        while not walls or time.perf_counter() < end:
            cpu, start = cpu_seconds(), time.perf_counter()
            vectors = embed(texts, batch)
            walls.append(time.perf_counter() - start)
            cpus.append(cpu_seconds() - cpu)
        rates = (len(texts) / float(np.median(walls)), len(texts) / float(np.median(cpus)), batch, len(walls))
        best = max(best, rates) if best else rates
    result = dict(name=args.only, threads=args.threads, items=len(texts), items_per_second=best[0], items_per_cpu_second=best[1],
                  batch=best[2], runs=best[3])
    if args.vectors:
        ours = np.fromfile(args.vectors, "<f4").reshape(-1, WIDTH)[:len(texts)]
        cosine = (ours * vectors).sum(1)
        result.update(least_cosine=float(cosine.min()), mean_cosine=float(cosine.mean()))
    print(json.dumps(result))


sys.exit(main())
