"""Writes tests/text/tiny/ (a small random model) and the golden files, with other implementations than the crate's:
token ids from Hugging Face's `tokenizers`, embeddings from the float64 computation below.

    pip install numpy safetensors tokenizers
    python tests/text/make_golden.py FOLDER_OF_ALL_MINILM_L6_V2
"""

import json
import math
import pathlib
import sys

import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

HERE = pathlib.Path(__file__).parent

SENTENCES = [
    "Rosewater face mist with aloe, 120 ml",
    "Cast-iron skillet, 10.25-inch; pre-seasoned (oven safe to 500°F)",
    "a",
    "",
    "   ",
    "!!! ??? ...",
    "Crème brûlée torch — refillable, w/ safety lock",
    "ÅNGSTRÖM naïve façade coöperate ﬁne ligature ß İstanbul ΣΊΣΥΦΟΣ",
    "濃い抹茶 green tea 粉末 한국어 текст עברית العربية ไทย",
    "emoji 🎧🎮👍🏽 and zero\u200bwidth, soft\u00adhyphen, nb\u00a0space, bidi \u202eabc\u202c",
    "tab\tnewline\ncarriage\rnull\u0000replacement\ufffdprivate\ue000end",
    "[CLS] raw [MASK] specials [SEP] and [UNK] in [sep] text[PAD]",
    "<b>bold</b> &amp; <script>alert('x')</script> =SUM(A1:A9)",
    "x" * 100 + " " + "y" * 101,
    "pneumonoultramicroscopicsilicovolcanoconiosis floccinaucinihilipilification",
    "$12.99 + 20% off; a@b.co #tag ^caret `tick` ~tilde |pipe| {brace} _under_ <angle>",
    "“Curly quotes” ‘single’ – en—em … ellipsis № ™ ® © ¿qué? ¡sí! ⟨math⟩ ∑",
    "e\u0301 u\u0308 combining \u0301 alone, Zalgo a\u0300\u0301\u0302\u0303\u0304",
    "ＦＵＬＬ ｗｉｄｔｈ １２３ ㍿ ½ ² ª",
    "\U00020000 rare ideograph \U0002f800 compatibility 豈 kana カタカナ ひらがな",
    "wireless noise cancelling over ear headphones " * 12,
    "word, " * 400,
]


def tiny_tokenizer():
    """A small vocabulary in the format of the real file."""
    words = "rose water face mist with cast iron skillet oven safe to a green tea and in text word wireless head raw noise over"
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    vocab += [w for w in words.split() if w not in vocab] + ["##water", "##ing", "##less", "##phones", "##s2"]
    vocab += [*".,;:!?'\"()-/%$&<>=#", "茶", "ß", "ı"]
    special = [{"id": i, "special": True, "content": vocab[i], "single_word": False, "lstrip": False, "rstrip": False, "normalized": False} for i in range(5)]
    cls, sep = ({"SpecialToken": {"id": t, "type_id": 0}} for t in ("[CLS]", "[SEP]"))
    return {
        "version": "1.0",
        "truncation": {"max_length": 24, "strategy": "LongestFirst", "stride": 0},
        "padding": None,
        "added_tokens": special,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [cls, {"Sequence": {"id": "A", "type_id": 0}}, sep],
            "pair": [cls, {"Sequence": {"id": "A", "type_id": 0}}, sep, {"Sequence": {"id": "B", "type_id": 1}}, sep],
            "special_tokens": {t: {"id": t, "ids": [vocab.index(t)], "tokens": [t]} for t in ("[CLS]", "[SEP]")},
        },
        "decoder": None,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": {t: i for i, t in enumerate(vocab)}},
    }


def tiny_model(vocabulary):
    """Widths that are no multiple of a register tile: hidden 24 in 3 heads, 2 layers."""
    config = {"model_type": "bert", "hidden_act": "gelu", "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 40, "vocab_size": vocabulary, "max_position_embeddings": 32, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "position_embedding_type": "absolute"}
    rng = np.random.default_rng(7)
    h, i = config["hidden_size"], config["intermediate_size"]
    shapes = {"word_embeddings": vocabulary, "position_embeddings": 32, "token_type_embeddings": 2}
    weights = {f"embeddings.{name}.weight": rng.normal(0, 0.5, (rows, h)) for name, rows in shapes.items()}

    def linear(name, outputs, inputs):
        weights[f"{name}.weight"] = rng.normal(0, 1.5 / math.sqrt(inputs), (outputs, inputs))
        weights[f"{name}.bias"] = rng.normal(0, 0.2, outputs)

    def norm(name):
        weights[f"{name}.weight"] = rng.normal(1, 0.2, h)
        weights[f"{name}.bias"] = rng.normal(0, 0.2, h)

    norm("embeddings.LayerNorm")
    for layer in range(config["num_hidden_layers"]):
        p = f"encoder.layer.{layer}."
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            linear(p + part, h, h)
        norm(p + "attention.output.LayerNorm")
        linear(p + "intermediate.dense", i, h)
        linear(p + "output.dense", h, i)
        norm(p + "output.LayerNorm")
    return config, {name: value.astype(np.float16) for name, value in weights.items()}


def embed(config, weights, ids):
    """BERT, mean over positions, unit length; all in float64."""
    w = {name: value.astype(np.float64) for name, value in weights.items()}
    heads, n = config["num_attention_heads"], len(ids)
    erf = np.vectorize(math.erf)

    def linear(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x, name):
        centred = x - x.mean(-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(-1, keepdims=True) + config["layer_norm_eps"])
        return centred / scale * w[f"{name}.weight"] + w[f"{name}.bias"]

    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][:n]
    x = norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in range(config["num_hidden_layers"]):
        p = f"encoder.layer.{layer}."
        q, k, v = (linear(x, f"{p}attention.self.{part}").reshape(n, heads, -1).swapaxes(0, 1) for part in ("query", "key", "value"))
        scores = q @ k.swapaxes(1, 2) / math.sqrt(q.shape[-1])
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        context = (scores / scores.sum(-1, keepdims=True)) @ v
        x = norm(x + linear(context.swapaxes(0, 1).reshape(n, -1), f"{p}attention.output.dense"), f"{p}attention.output.LayerNorm")
        u = linear(x, f"{p}intermediate.dense")
        x = norm(x + linear(0.5 * u * (1 + erf(u / math.sqrt(2))), f"{p}output.dense"), f"{p}output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def golden(tokenizer_json, config, weights):
    tokenizer = Tokenizer.from_str(json.dumps({**tokenizer_json, "padding": None}))
    items = []
    for text in SENTENCES:
        ids = tokenizer.encode(text).ids
        items.append({"text": text, "token_ids": ids, "embedding": [round(float(v), 7) for v in embed(config, weights, ids)]})
    return items


def write(path, items):
    lines = ",\n".join(json.dumps(item) for item in items)
    path.write_text(f"[\n{lines}\n]\n")


def main():
    tiny = HERE / "tiny"
    tiny.mkdir(exist_ok=True)
    tokenizer = tiny_tokenizer()
    config, weights = tiny_model(len(tokenizer["model"]["vocab"]))
    (tiny / "tokenizer.json").write_text(json.dumps(tokenizer, indent=1, ensure_ascii=False) + "\n")
    (tiny / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    save_file(weights, tiny / "model.safetensors")
    write(HERE / "tiny.golden.json", golden(tokenizer, config, weights))
    minilm = pathlib.Path(sys.argv[1])
    read = lambda name: json.loads((minilm / name).read_text())
    write(HERE / "minilm.golden.json", golden(read("tokenizer.json"), read("config.json"), load_file(minilm / "model.safetensors")))


if __name__ == "__main__":
    main()
