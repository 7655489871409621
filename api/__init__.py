"""The doors: REST, SPARQL and the workbench over the reasoner."""
