"""Networks: building, learning, applying, and looking inside."""
