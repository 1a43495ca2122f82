"""How fast the product is beside the tools people use today: ``make bench``. Ratios count, not seconds."""
