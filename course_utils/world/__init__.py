"""What a generator needs when others get to see its pictures: evidence of a mark, a card, a file that runs elsewhere, a server."""
