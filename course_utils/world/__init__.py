"""What a generator needs when others see its pictures: evidence of a mark, a card, a file that runs elsewhere, a server."""
