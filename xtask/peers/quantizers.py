"""Residual quantizers of other libraries. Each takes codebooks [levels, codes, width] and a number of threads, and returns a
function from float32 rows to codes [rows, levels]."""

import numpy as np

# Rows in each call of FAISS' residual quantizer.
FAISS_ROWS = 1024


def faiss_residual(codebooks, threads, beam=1, tables=False):
    import faiss

    faiss.omp_set_num_threads(threads)
    levels, codes, width = codebooks.shape
    quantizer = faiss.ResidualQuantizer(width, levels, int(np.log2(codes)))
    faiss.copy_array_to_vector(np.ascontiguousarray(codebooks.reshape(-1)), quantizer.codebooks)
    quantizer.max_beam_size, quantizer.is_trained = beam, True
    if tables:
        quantizer.use_beam_LUT = 1
        quantizer.compute_codebook_tables()

    # In parts, because a whole catalogue does not fit the CPU's caches: with 100,000 rows at once, a row takes 2.5 times as long.
    def run(x):
        parts = [quantizer.compute_codes(x[start : start + FAISS_ROWS]) for start in range(0, len(x), FAISS_ROWS)]
        return np.concatenate(parts).reshape(len(x), levels)

    return run


def faiss_flat(codebooks, threads):
    """An exact index for each level; NumPy computes the residuals."""
    import faiss

    faiss.omp_set_num_threads(threads)
    indexes = []
    for codebook in codebooks:
        indexes.append(faiss.IndexFlatL2(codebook.shape[1]))
        indexes[-1].add(codebook)

    def run(x):
        residual, codes = x.copy(), np.empty((len(x), len(codebooks)), np.int64)
        for level, index in enumerate(indexes):
            codes[:, level] = index.search(residual, 1)[1][:, 0]
            residual -= codebooks[level][codes[:, level]]
        return codes

    return run


def torch_chain(codebooks, device="cpu", compiled=False):
    """A function from latents to codes `[rows, levels]`, both tensors on a device."""
    import torch

    books = torch.from_numpy(codebooks).to(device)
    norms, transposed = (books**2).sum(-1), (-2 * books).transpose(1, 2).contiguous()

    def chain(residual):
        codes = []
        for level in range(len(books)):
            codes.append(torch.addmm(norms[level], residual, transposed[level]).argmin(1))
            residual = residual - books[level][codes[-1]]
        return torch.stack(codes, 1)

    return torch.compile(chain, dynamic=True) if compiled else chain


def torch_by_hand(codebooks, threads, device="cpu", compiled=False):
    import torch

    torch.set_num_threads(threads)
    chain, rows = torch_chain(codebooks, device, compiled), 1024 if device == "cpu" else 1 << 17

    def run(x):
        with torch.inference_mode():
            return torch.cat([chain(part.to(device)) for part in torch.from_numpy(x).split(rows)]).cpu().numpy()

    return run


def numpy_products(codebooks, threads):
    """NumPy uses the threads that were set before it was imported, not `threads`."""
    norms, transposed = (codebooks**2).sum(-1), [np.ascontiguousarray(codebook.T) for codebook in codebooks]

    def run(x):
        codes = np.empty((len(x), len(codebooks)), np.int64)
        for start in range(0, len(x), 4096):
            residual = x[start : start + 4096].copy()
            for level in range(len(codebooks)):
                scores = residual @ transposed[level]
                scores *= -2
                scores += norms[level]
                chosen = scores.argmin(1)
                codes[start : start + 4096, level] = chosen
                residual -= codebooks[level][chosen]
        return codes

    return run
