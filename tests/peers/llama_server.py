"""A process that serves a small real language model behind OpenAI's API until its standard input is closed.

Start it with the path of a GGUF file and a port, 0 for a free one; its first line of output is its address.
"""

import sys

import xllamacpp


def main(model_file: str, port: str) -> None:
    parameters = xllamacpp.CommonParams()  # pyright: ignore[reportAttributeAccessIssue] a compiled class
    parameters.model.path = model_file
    parameters.model_alias = "smollm2"
    parameters.port = int(port)
    parameters.n_ctx = 1024
    # One answer at a time, so that a cancelled one that went on would be noticed.
    parameters.n_parallel = 1
    # Two threads would spin for each other on a busy machine.
    parameters.cpuparams.n_threads = 1
    server = xllamacpp.Server(parameters)  # pyright: ignore[reportAttributeAccessIssue] a compiled class
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
