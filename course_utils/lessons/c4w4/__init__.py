"""Your own images: from a folder of pictures to a page to share."""
