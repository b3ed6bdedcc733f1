"""Molecules as graphs: tensors, validity, a name for each, SMILES, scores, drawings. Only drawings and logP need RDKit."""
