"""Embeddings of models that somebody has set up ("deployed") on Azure."""

from duologue.adapters.embedder.openai import OpenAiEmbedder
from duologue.adapters.language_model.azure import AzureConnection
from duologue.adapters.language_model.openai_options import ModelOptions, read_options
from duologue.ports.embedder import Embedder


def open_embedder(options: ModelOptions) -> Embedder:
    """The embedder behind the deployment that a model group names.

    Raises:
        DefinitionError: an option is missing or cannot be read.
    """
    connection = AzureConnection(read_options(options))
    return OpenAiEmbedder(
        connection.options,
        client=connection.client,
        caller=connection.caller,
        close_credential=connection.close,
    )
