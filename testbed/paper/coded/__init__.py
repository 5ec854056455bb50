"""Study `coded`: the claims on traffic once more, with both sides coded as well as they can be."""
