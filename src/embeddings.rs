//! Embedding files: `.npy` and safetensors, read and written.
