"""The packaged sentence encoder: a small transformer with 8-bit weights that onnxruntime runs."""
