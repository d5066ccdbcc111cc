"""Examples become a trained model: recipe, fingerprints, trainer, evaluation. Answering with it is not done here."""
